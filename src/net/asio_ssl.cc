// The one place where Asio's TLS and Beast's non-template code are compiled (…_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
