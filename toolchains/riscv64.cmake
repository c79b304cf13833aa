# Family `target`: RISC-V 64, freestanding. Takes the bare-metal compiler where it comes with a C++
# library (riscv-gnu-toolchain does, Debian's package does not), else Debian's Linux cross compiler.
set(TAIL4_FAMILY target)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(TAIL4_ARCH_FLAGS -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mstrict-align)

function(tail4_find_prefix out)
  foreach(prefix riscv64-unknown-elf- riscv64-linux-gnu-)
    find_program(TAIL4_CXX_${prefix} ${prefix}g++)
    if(TAIL4_CXX_${prefix})
      execute_process(
        COMMAND ${TAIL4_CXX_${prefix}} ${TAIL4_ARCH_FLAGS} -std=c++20 -ffreestanding
                -I${CMAKE_CURRENT_FUNCTION_LIST_DIR}/include -fsyntax-only -include coroutine -x c++ /dev/null
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
      if(status EQUAL 0)
        set(${out} ${prefix} PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
  message(FATAL_ERROR "No RISC-V g++ with <coroutine> found; tools/setup installs one")
endfunction()

if(NOT TAIL4_PREFIX)
  tail4_find_prefix(TAIL4_PREFIX)
  message(STATUS "RISC-V compiler: ${TAIL4_PREFIX}g++")
endif()
# try_compile() projects read this file again: they shall not search again.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TAIL4_PREFIX)

set(CMAKE_C_COMPILER ${TAIL4_PREFIX}gcc)
set(CMAKE_CXX_COMPILER ${TAIL4_PREFIX}g++)
set(CMAKE_ASM_COMPILER ${TAIL4_PREFIX}gcc)
set(CMAKE_OBJCOPY ${TAIL4_PREFIX}objcopy CACHE STRING "")
set(CMAKE_OBJDUMP ${TAIL4_PREFIX}objdump CACHE STRING "")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
