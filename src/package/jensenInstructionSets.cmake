# jensen_instruction_sets(FLAGS RESULT): those by which Eigen picks code paths and alignment, as "AVX AVX2 FMA",
# that the C++ compiler uses under these flags, behind those of the project.
function(jensen_instruction_sets flags result)
  separate_arguments(project_flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${project_flags} ${flags} -dM -E -x c++ /dev/null
                  OUTPUT_VARIABLE macros)
  set(found)
  foreach(name SSE3 SSSE3 SSE4_1 SSE4_2 AVX AVX2 FMA AVX512F AVX512DQ AVX512ER)
    if(macros MATCHES "#define __${name}__ ")
      string(APPEND found " ${name}")
    endif()
  endforeach()
  string(STRIP "${found}" found)
  set(${result} "${found}" PARENT_SCOPE)
endfunction()
