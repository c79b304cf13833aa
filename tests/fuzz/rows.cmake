# The fuzz target among the tests of the preset `host`; it is built by a preset of its own, with clang.
add_test(NAME build.fuzz COMMAND ${CMAKE_COMMAND} -D PRESET=fuzz -P ${CMAKE_CURRENT_SOURCE_DIR}/tools/build_preset.cmake
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(build.fuzz PROPERTIES
  FIXTURES_SETUP build_fuzz LABELS build TIMEOUT ${TAIL4_LAST_RESORT} RUN_SERIAL ON)
foreach(row replay short)
  add_test(NAME fuzz.${row}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/run.py ${CMAKE_SOURCE_DIR}/build/fuzz ${row})
  set_tests_properties(fuzz.${row} PROPERTIES
    FIXTURES_REQUIRED build_fuzz LABELS fuzz TIMEOUT ${TAIL4_LAST_RESORT} ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endforeach()
