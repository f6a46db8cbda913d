"""Every MPI call of the library either moves no records' data or is counted by pmpi_counter.cpp.

usage: pmpi_counter_test.py LIBRARY
"""

import pathlib
import re
import subprocess
import sys
import unittest

LIBRARY = sys.argv[1]
COUNTER = pathlib.Path(__file__).with_name("pmpi_counter.cpp")

WITHOUT_DATA = set(
    """
    MPI_Abort MPI_Barrier MPI_Comm_dup MPI_Comm_free MPI_Comm_rank MPI_Comm_set_errhandler MPI_Comm_size
    MPI_Error_string MPI_Finalize MPI_Finalized MPI_Ibarrier MPI_Init_thread MPI_Initialized MPI_Op_create
    MPI_Op_free MPI_Test MPI_Type_commit MPI_Type_contiguous MPI_Type_free
    """.split()
)


def called():
    symbols = subprocess.run(["nm", "--undefined-only", LIBRARY], check=True, text=True, stdout=subprocess.PIPE)
    return set(re.findall(r"\bU (P?MPI_\w+)", symbols.stdout))


class Calls(unittest.TestCase):
    def test_calls_that_move_data_are_counted(self):
        counted = set(re.findall(r"^int (MPI_\w+)\(", COUNTER.read_text(), re.MULTILINE))
        self.assertIn("MPI_Allreduce", called())
        self.assertEqual(called() - WITHOUT_DATA - counted, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
