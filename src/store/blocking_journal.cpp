#include "blocking_journal.h"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <nlohmann/json.hpp>

#include "pgwraith/base/faults.h"

#include "bytes.h"
#include "database.h"

namespace pgwraith::store {

namespace {

constexpr std::string_view document_prefix = "document/";
constexpr std::string_view chunk_prefix = "chunk/";
constexpr std::string_view chunk_end = "chunk0";  // '0' follows '/': behind every chunk
constexpr std::size_t chunk_bytes = 4 + 8 + 1 + 8;

std::string document_key(const std::string& name) { return std::string(document_prefix) + name; }
std::string chunk_key(std::uint32_t begin) { return fmt::format("{}{:08x}", chunk_prefix, begin); }

std::string encode_chunk(const ChunkRecord& chunk) {
    std::string value;
    value.reserve(chunk_bytes);
    append_u32(value, chunk.end);
    append_u64(value, chunk.xid);
    value.push_back(chunk.done ? 1 : 0);
    append_u64(value, chunk.rows);
    return value;
}

ChunkRecord decode_chunk(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    ChunkRecord chunk;
    const std::string digits = key.ToString().substr(chunk_prefix.size());
    const bool hex = digits.size() == 8 && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || value.size() != chunk_bytes || value[12] < 0 || value[12] > 1) {
        throw_damaged(fmt::format("chunk record {} cannot be read", digits));
    }
    chunk.begin = static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
    chunk.end = read_u32(value.data());
    chunk.xid = read_u64(value.data() + 4);
    chunk.done = value[12] == 1;
    chunk.rows = read_u64(value.data() + 13);
    if (chunk.begin >= chunk.end) throw_damaged(fmt::format("chunk record {} is empty", digits));
    return chunk;
}

void put_chunk(Database& database, const ChunkRecord& chunk) {
    ensure(chunk.begin < chunk.end, "a chunk without blocks");
    ensure(chunk.xid != 0, "a chunk without a transaction");
    rocksdb::WriteBatch batch;
    check(batch.Put(database.journal, chunk_key(chunk.begin), encode_chunk(chunk)), "record a chunk");
    database.write(batch, "record a chunk");
}

}  // namespace

void BlockingJournal::put(const std::string& name, const nlohmann::json& document) {
    rocksdb::WriteBatch batch;
    check(batch.Put(database_.journal, document_key(name), document.dump()), "write its journal");
    fault_point("journal.before_put");
    database_.write(batch, "write its journal");
    database_.sync();
    fault_point("journal.put");
}

std::optional<nlohmann::json> BlockingJournal::get(const std::string& name) const {
    std::string text;
    const auto status = database_.rocks().Get(rocksdb::ReadOptions(), database_.journal, document_key(name), &text);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "read its journal");
    auto document = nlohmann::json::parse(text, nullptr, false);
    if (document.is_discarded()) throw_damaged(fmt::format("the document \"{}\" is not JSON", name));
    return document;
}

void BlockingJournal::erase(const std::string& name) {
    rocksdb::WriteBatch batch;
    check(batch.Delete(database_.journal, document_key(name)), "write its journal");
    database_.write(batch, "write its journal");
    database_.sync();
}

void BlockingJournal::chunk_intent(const ChunkRecord& chunk) {
    ensure(!chunk.done, "a chunk's intent that is done already");
    put_chunk(database_, chunk);
    database_.sync();
}

void BlockingJournal::chunk_done(const ChunkRecord& chunk) {
    ensure(chunk.done, "a chunk reported as done that is not");
    put_chunk(database_, chunk);
}

void BlockingJournal::chunk_forget(std::uint32_t begin) {
    rocksdb::WriteBatch batch;
    check(batch.Delete(database_.journal, chunk_key(begin)), "forget a chunk");
    database_.write(batch, "forget a chunk");
    database_.sync();
}

std::vector<ChunkRecord> BlockingJournal::chunks() const {
    std::vector<ChunkRecord> found;
    const std::unique_ptr<rocksdb::Iterator> at(
        database_.rocks().NewIterator(rocksdb::ReadOptions(), database_.journal));
    for (at->Seek(rocksdb::Slice(chunk_prefix)); at->Valid() && at->key().starts_with(rocksdb::Slice(chunk_prefix));
         at->Next()) {
        found.push_back(decode_chunk(at->key(), at->value()));
    }
    check(at->status(), "read its chunks");
    return found;
}

void BlockingJournal::clear_chunks() {
    rocksdb::WriteBatch batch;
    check(batch.DeleteRange(database_.journal, rocksdb::Slice(chunk_prefix), rocksdb::Slice(chunk_end)),
          "forget all chunks");
    database_.write(batch, "forget all chunks");
    database_.sync();
}

}  // namespace pgwraith::store
