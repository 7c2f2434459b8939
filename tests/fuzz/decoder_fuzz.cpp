// Any bytes either decode or throw DecodeError, and every view lies within them.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "pgwraith/capture/decoder.h"

namespace {

using namespace pgwraith::capture;

class ViewCheck {
  public:
    explicit ViewCheck(std::string_view bytes) : bytes_(bytes) {}

    void operator()(const Begin&) const {}
    void operator()(const Commit&) const {}
    void operator()(const Type&) const {}
    void operator()(const Origin& origin) const { inside(origin.name); }
    void operator()(const Relation& relation) const {
        inside(relation.schema);
        inside(relation.name);
        for (const auto& column : relation.columns) inside(column.name);
    }
    void operator()(const Insert& insert) const { inside(insert.row); }
    void operator()(const Update& update) const {
        if (update.old) inside(*update.old);
        inside(update.row);
    }
    void operator()(const Delete& gone) const { inside(gone.old); }
    void operator()(const Truncate& truncate) const { require(4 * truncate.relations.size() <= bytes_.size()); }
    void operator()(const LogicalMessage& message) const {
        inside(message.prefix);
        inside(message.content);
    }

  private:
    static void require(bool condition) {
        if (!condition) std::abort();
    }
    void inside(std::string_view view) const {
        if (view.data() == nullptr) return require(view.empty());
        require(view.data() >= bytes_.data() && view.data() + view.size() <= bytes_.data() + bytes_.size());
    }
    void inside(const Tuple& tuple) const {
        require(tuple.size() <= bytes_.size());
        inside(tuple.bytes());
        // (From the first column to each: of many only some, else it takes the square of their number.)
        const std::size_t step = 1 + tuple.size() / 64;
        for (std::size_t column = 0; column < tuple.size(); column += step) inside(tuple[column].data);
    }

    std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        std::visit(ViewCheck(bytes), decode(bytes));
    } catch (const DecodeError&) {
    }
    return 0;
}
