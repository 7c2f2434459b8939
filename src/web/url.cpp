#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "pgwraith/web/remote.h"

namespace pgwraith::web {

namespace {

std::optional<boost::asio::ip::address> address_in(const std::string& host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return error ? std::nullopt : std::optional(address);
}

bool usable_port(std::string_view port) {
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) {
        return false;
    }
    const int number = std::stoi(std::string(port));
    return number > 0 && number < 65'536;
}

bool usable_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

}  // namespace

bool Url::is_address() const { return address_in(host).has_value(); }

bool Url::loopback() const {
    const auto address = address_in(host);
    return address ? address->is_loopback() : host == "localhost";
}

std::string Url::authority() const { return fmt::format("{}:{}", bracketed(host), port); }

std::string Url::text() const { return fmt::format("{}://{}", tls ? "https" : "http", authority()); }

std::optional<Url> parse_url(std::string_view text) {
    Url url;
    if (text.starts_with("https://")) {
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
        url.tls = false;
    } else {
        return std::nullopt;
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    const auto closing = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    const auto colon = text.find(':', closing == std::string_view::npos ? 0 : closing);
    url.port = colon == std::string_view::npos ? (url.tls ? "443" : "80") : std::string(text.substr(colon + 1));
    if (!usable_port(url.port)) return std::nullopt;
    url.host = text.substr(0, colon);
    if (closing != std::string_view::npos) {
        if (closing + 1 != url.host.size()) return std::nullopt;
        url.host = url.host.substr(1, closing - 1);
        const auto address = address_in(url.host);
        return address && address->is_v6() ? std::optional(url) : std::nullopt;
    }
    return usable_name(url.host) ? std::optional(url) : std::nullopt;
}

}  // namespace pgwraith::web
