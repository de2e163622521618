# Third-party packages: from the distribution where it has them, else from .deps/ (scripts/fetch_deps.sh fills it).
# Why each is here: docs/dependencies.md.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url container)
find_package(OpenSSL 3.0 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2>=1.52)

# Asio and Beast are compiled once, in base/ and net/: see docs/decisions/0002-asio-compiled-once.md.
add_library(caprock_asio INTERFACE)
target_compile_definitions(caprock_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(caprock_asio INTERFACE Boost::headers Threads::Threads)
