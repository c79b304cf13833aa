# Family `host` for the fuzz target (tests/fuzz): Debian's clang, whose libFuzzer watches what an input reaches.
set(TAIL4_FAMILY host)
set(TAIL4_FUZZ ON)
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_ASM_COMPILER clang)
