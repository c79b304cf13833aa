# Family `host`: the same portable code, GoogleTest, AddressSanitizer and UBSan.
set(TAIL4_FAMILY host)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_CXX_COMPILER g++)
set(CMAKE_ASM_COMPILER gcc)
