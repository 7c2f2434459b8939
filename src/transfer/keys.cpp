#include "pgwraith/transfer/keys.h"

#include <fmt/format.h>

#include "pgwraith/store/key.h"

namespace pgwraith::transfer {

namespace {

template <typename Encoded>
std::vector<postgres::Param> to_params(const shadow::Pair& pair, const std::vector<Encoded>& keys, auto&& text_of) {
    auto columns = pair.mapping.key.size();
    std::vector<std::vector<std::string_view>> values(columns);
    for (auto& column : values) column.reserve(keys.size());
    for (const auto& key : keys) {
        auto parts = store::decode_key(text_of(key), columns);
        for (std::size_t i = 0; i < columns; ++i) values[i].push_back(parts[i]);
    }
    std::vector<postgres::Param> params;
    params.reserve(columns);
    for (const auto& column : values) params.emplace_back(postgres::array_literal(column));
    return params;
}

void append_copy_text(std::string& out, std::string_view value) {
    for (const char c : value) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace

std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<std::string>& encoded_keys) {
    return to_params(pair, encoded_keys, [](const std::string& key) -> const std::string& { return key; });
}

std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<store::LedgerEntry>& entries) {
    return to_params(pair, entries, [](const store::LedgerEntry& entry) -> const std::string& { return entry.key; });
}

std::string copy_text(const std::vector<store::LedgerEntry>& entries, std::size_t columns) {
    std::string text;
    for (const auto& entry : entries) {
        bool first = true;
        for (const auto column : store::decode_key(entry.key, columns)) {
            if (!std::exchange(first, false)) text += '\t';
            append_copy_text(text, column);
        }
        text += '\n';
    }
    return text;
}

std::string describe_key(const shadow::Pair& pair, const std::string& encoded) {
    auto parts = store::decode_key(encoded, pair.mapping.key.size());
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        text += fmt::format("{}{}={}", i == 0 ? "" : ", ", pair.mapping.key[i].live.name, parts[i]);
    }
    return text;
}

}  // namespace pgwraith::transfer
