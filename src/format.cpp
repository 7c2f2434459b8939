// The formatting of a text, compiled here once instead of in every file that needs it (pch.h).
#include <fmt/format.h>

template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::basic_string_view<char>,
                                            fmt::basic_format_args<fmt::buffer_context<char>>, fmt::detail::locale_ref);
