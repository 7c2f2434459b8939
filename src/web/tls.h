// The certificate and its key, read again when somebody has renewed them.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>

namespace pgwraith::web {

class Certificate {
  public:
    // Throws Error(usage) when they cannot be used.
    Certificate(std::filesystem::path certificate, std::filesystem::path key);

    // For the next connection; those that are open keep theirs. What cannot be read any more is said once, and the old
    // one stays in use.
    std::shared_ptr<boost::asio::ssl::context> context();

  private:
    using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
    Times times() const;

    std::filesystem::path certificate_;
    std::filesystem::path key_;
    Times read_;
    std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace pgwraith::web
