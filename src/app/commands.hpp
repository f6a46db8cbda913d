#pragma once

#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"

namespace jensen::app {

/// Runs `jensen <arguments>` and returns the exit code. Throws Error.
int run_command(const std::vector<std::string>& arguments, const Communicator& comm);

int fit_command(const std::vector<std::string>& arguments, const Communicator& comm);
int predict_command(const std::vector<std::string>& arguments, const Communicator& comm);
int sample_command(const std::vector<std::string>& arguments, const Communicator& comm);
int score_command(const std::vector<std::string>& arguments, const Communicator& comm);
int compare_command(const std::vector<std::string>& arguments, const Communicator& comm);
int info_command(const std::vector<std::string>& arguments, const Communicator& comm);
int check_command(const std::vector<std::string>& arguments, const Communicator& comm);
int plot_command(const std::vector<std::string>& arguments, const Communicator& comm);
int import_command(const std::vector<std::string>& arguments, const Communicator& comm);
int help_command(const std::vector<std::string>& arguments, const Communicator& comm);

/// Prints on rank 0.
void print_help(const std::string& text, const Communicator& comm);

/// Throws UsageError unless there are `names.size()` positional arguments.
void require_positional(const std::vector<std::string>& found, const std::vector<std::string>& names,
                        const std::string& command);

}  // namespace jensen::app
