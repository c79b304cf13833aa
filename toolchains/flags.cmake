# The flags of both families as interface libraries; README.md beside this file gives the reasons.
#   tail4_warnings      all our code: warnings as errors
#   tail4_freestanding  target code, compile and link (brings tail4_rt, our stand-in for libgcc)
#   tail4_host          host code under sanitizers
# A target links exactly one of tail4_freestanding and tail4_host; `tail4_family` is the right one.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_INCLUDE_CURRENT_DIR OFF)
foreach(language C CXX ASM)
  foreach(type DEBUG RELEASE)
    set(CMAKE_${language}_FLAGS_${type} "") # the interface libraries say it all
  endforeach()
endforeach()

add_library(tail4_warnings INTERFACE)
set(common_warnings
    -Werror -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla -Wcast-qual -Wcast-align
    -Wformat=2 -Wdouble-promotion)
set(cxx_warnings -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wmissing-declarations)
if(NOT TAIL4_FUZZ)
  list(APPEND common_warnings -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wimplicit-fallthrough=5)
  list(APPEND cxx_warnings -Wredundant-tags -Wsuggest-override -Wcomma-subscript)
endif()
target_compile_options(tail4_warnings INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:${common_warnings}>" "$<$<COMPILE_LANGUAGE:CXX>:${cxx_warnings}>")

# Where includes start; sel4_api (kernel/api) adds the generated headers and the user headers of libsel4.
# tools/check_layers.py has the same list and says who may include what.
add_library(tail4_tree INTERFACE)
foreach(folder . kernel libsel4async/include)
  target_include_directories(tail4_tree INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
endforeach()
# A path in an object file would differ from machine to machine.
target_compile_options(tail4_tree INTERFACE -ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=)
target_compile_definitions(tail4_tree INTERFACE TAIL4_DEBUG=$<IF:$<CONFIG:Debug>,1,0>)

if(TAIL4_FAMILY STREQUAL target)
  add_library(tail4_freestanding_compile INTERFACE)
  target_link_libraries(tail4_freestanding_compile INTERFACE tail4_warnings tail4_tree)
  target_include_directories(tail4_freestanding_compile SYSTEM INTERFACE ${CMAKE_CURRENT_LIST_DIR}/include)
  set(common_flags
      -O2 -g -ffreestanding -fno-pic -fno-stack-protector -fno-common -fno-asynchronous-unwind-tables
      -ffunction-sections -fdata-sections)
  target_compile_options(tail4_freestanding_compile INTERFACE
    ${TAIL4_ARCH_FLAGS}
    "$<$<COMPILE_LANGUAGE:C,CXX>:${common_flags}>"
    "$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions;-fno-rtti;-fno-threadsafe-statics>")

  add_library(tail4_freestanding INTERFACE)
  target_link_libraries(tail4_freestanding INTERFACE tail4_freestanding_compile tail4_rt)
  target_link_options(tail4_freestanding INTERFACE
    ${TAIL4_ARCH_FLAGS} -nostdlib -static -no-pie LINKER:--gc-sections LINKER:--build-id=none
    LINKER:--fatal-warnings LINKER:-z,max-page-size=4096 LINKER:-z,noexecstack)
  add_library(tail4_family ALIAS tail4_freestanding)
else()
  add_library(tail4_host INTERFACE)
  target_link_libraries(tail4_host INTERFACE tail4_warnings tail4_tree)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
  if(TAIL4_FUZZ)
    # Coverage for libFuzzer. The check of called functions cannot be assembled in a coroutine. Clang 14 knows C++20 coroutines, but not yet the macro by which libstdc++ asks for them.
    list(APPEND sanitizers -fno-sanitize=function -fsanitize=fuzzer-no-link
         -fno-sanitize-coverage=trace-cmp)
    target_compile_definitions(tail4_host INTERFACE __cpp_impl_coroutine=201902L)
  endif()
  target_compile_options(tail4_host INTERFACE -O1 -g -fno-omit-frame-pointer ${sanitizers})
  target_link_options(tail4_host INTERFACE ${sanitizers})
  add_library(tail4_family ALIAS tail4_host)
endif()
