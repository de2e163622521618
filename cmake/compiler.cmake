# Language, warnings, sanitizers, linker and compiler cache, the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")

# Objects do not name the folder they were built in, so that every clone shares one compiler cache.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -fno-omit-frame-pointer)

find_program(CAPROCK_CCACHE ccache)
if(CAPROCK_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CAPROCK_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld)
  check_linker_flag(CXX -fuse-ld=${linker} CAPROCK_LINKER_${linker})
  if(CAPROCK_LINKER_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

if(CAPROCK_SANITIZE)
  add_compile_options(-fsanitize=${CAPROCK_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CAPROCK_SANITIZE})
  add_compile_definitions(CAPROCK_SANITIZED=1)
endif()
if(CAPROCK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Interface target with the warnings; third-party code does not link it.
add_library(caprock_warnings INTERFACE)
target_compile_options(caprock_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wconversion
  -Wno-sign-conversion -Wnull-dereference -Wimplicit-fallthrough -Wno-missing-field-initializers)
