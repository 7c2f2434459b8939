#include "tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include "pgwraith/base/error.h"

namespace pgwraith::web {

namespace ssl = boost::asio::ssl;
namespace fs = std::filesystem;

namespace {

[[noreturn]] void unusable(const char* setting, const fs::path& file, const std::string& why) {
    throw Error(ErrorKind::usage, fmt::format("{}: {} cannot be used: {}", setting, file.string(), why),
                "control.tls_certificate names a PEM file with the certificate first and then those that it leads to, "
                "control.tls_key the certificate's key without a passphrase.");
}

// OpenSSL says of a file that is not there "no start line", or less.
void require_readable(const char* setting, const fs::path& file) {
    std::FILE* const opened = std::fopen(file.c_str(), "re");
    if (opened == nullptr) unusable(setting, file, std::generic_category().message(errno));
    std::fclose(opened);
}

std::shared_ptr<ssl::context> load(const fs::path& certificate, const fs::path& key) {
    require_readable("control.tls_certificate", certificate);
    require_readable("control.tls_key", key);
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
    // Without this OpenSSL would ask on the terminal.
    context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
    boost::system::error_code error;
    context->use_certificate_chain_file(certificate.string(), error);
    if (error) unusable("control.tls_certificate", certificate, error.message());
    context->use_private_key_file(key.string(), ssl::context::pem, error);
    if (error) unusable("control.tls_key", key, error.message());
    return context;
}

}  // namespace

Certificate::Certificate(fs::path certificate, fs::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)), read_(times()), context_(load(certificate_, key_)) {}

Certificate::Times Certificate::times() const {
    std::error_code ignored;  // gone: a time that differs
    return {fs::last_write_time(certificate_, ignored), fs::last_write_time(key_, ignored)};
}

std::shared_ptr<ssl::context> Certificate::context() {
    if (const Times now = times(); now != read_) {
        read_ = now;
        try {
            context_ = load(certificate_, key_);
            spdlog::info("{} was read again", certificate_.string());
        } catch (const Error& error) {
            // A moment between two files' renewal, mostly: the second one's change is seen too.
            spdlog::warn("{}; the certificate of before stays in use", error.message());
        }
    }
    return context_;
}

}  // namespace pgwraith::web
