// The other end of `control.listen`, for the commands of the CLI: over TCP, with TLS and a token.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pgwraith/control/client.h"

namespace boost::asio::ssl {
class context;
}

namespace pgwraith::web {

// "https://db-jobs.internal:8443"
struct Url {
    bool tls = true;
    std::string host;  // a name or an address, without brackets
    std::string port;

    bool is_address() const;  // an IP address, which no certificate's name and no SNI is meant for
    bool loopback() const;
    std::string authority() const;  // as the Host header has it: "db-jobs.internal:8443", "[::1]:8443"
    std::string text() const;       // as it was written
};

// nullopt: it is none, or has more than scheme, host and port.
std::optional<Url> parse_url(std::string_view text);

struct Remote {
    Url url;
    std::string token{};                // empty: none is sent
    std::filesystem::path authority{};  // PEM; empty: whom the system trusts
    milliseconds timeout{10'000};
};

class RemoteClient : public control::Client {
  public:
    // Throws Error(usage) for what cannot be used: an authority that cannot be read, a token that would travel in the
    // clear.
    explicit RemoteClient(Remote remote);
    ~RemoteClient() override;

  private:
    Response send(Request request) const override;

    Remote remote_;
    std::unique_ptr<asio::ssl::context> context_;  // nullptr: without TLS
};

}  // namespace pgwraith::web
