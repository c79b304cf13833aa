# Targets of a target build directory: run, debug, bench, rtl. Each brings the directory up to date first.
set(build_all ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR})
set(run ${CMAKE_SOURCE_DIR}/tools/run --no-build --build ${CMAKE_BINARY_DIR})
add_custom_target(run COMMAND ${build_all} COMMAND ${run} USES_TERMINAL)
add_custom_target(debug COMMAND ${build_all} COMMAND ${run} --gdb USES_TERMINAL)
if(CMAKE_BUILD_TYPE STREQUAL Release)
  add_custom_target(bench
    COMMAND ${build_all}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/run_guest.py
            --build ${CMAKE_BINARY_DIR} --group bench
    USES_TERMINAL)
  add_custom_target(rtl
    COMMAND ${build_all}
    COMMAND ${CMAKE_SOURCE_DIR}/tools/rtl run --no-build --build ${CMAKE_BINARY_DIR}
    USES_TERMINAL)
endif()
