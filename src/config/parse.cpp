// From YAML to settings. Nothing here knows a single setting: fields.cpp does.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "expand.h"
#include "field.h"
#include "pgwraith/base/error.h"
#include "problems.h"

namespace pgwraith::config {
namespace {

constexpr std::size_t file_bytes_max = 1'048'576;
constexpr std::size_t tree_depth_max = 3;

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

const char* kind_of(const YAML::Node& node) { return node.IsMap() ? "is a mapping" : "is a list"; }

std::string joined(const std::string& prefix, const std::string& key) {
    return prefix.empty() ? key : prefix + '.' + key;
}

// The keys that may stand directly under `section` (empty: the whole file).
std::vector<std::string> keys_under(const std::string& section) {
    std::vector<std::string> keys;
    const std::string prefix = section.empty() ? "" : section + '.';
    for (const Field& field : fields()) {
        if (field.key.compare(0, prefix.size(), prefix) == 0) {
            const auto rest = field.key.substr(prefix.size());
            const auto key = rest.substr(0, rest.find('.'));
            if (keys.empty() || keys.back() != key) {
                keys.push_back(key);
            }
        }
    }
    return keys;
}

const Field* field_named(const std::string& path) {
    for (const Field& field : fields()) {
        if (field.key == path) {
            return &field;
        }
    }
    return nullptr;
}

// What an unknown key was meant to be: a neighbour, or a setting of that name in just one other section.
std::string suggestion(const std::string& key, const std::vector<std::string>& neighbours) {
    if (std::string near = nearest(key, neighbours); !near.empty()) {
        return near;
    }
    std::string elsewhere;
    for (const Field& field : fields()) {
        if (field.key == key || field.key.substr(field.key.rfind('.') + 1) == key) {
            if (!elsewhere.empty()) {
                return {};
            }
            elsewhere = field.key;
        }
    }
    return elsewhere;
}

class TreeReader {
  public:
    TreeReader(Settings& settings, Problems& problems) : settings_(settings), problems_(problems) {}

    // `line` is where the section's key stands. Recursion ends with the table's depth, not with the file's.
    void section(const YAML::Node& node, const std::string& path, int line) {
        const auto allowed = keys_under(path);
        if (node.IsNull()) {
            return;  // `copy:` with everything below it commented out
        }
        if (!node.IsMap()) {
            const std::string what = node.IsSequence() ? "is a list" : "is a single value";
            problems_.add(line, path, fmt::format("{} (expected a mapping with {})", what, fmt::join(allowed, ", ")));
            return;
        }
        for (const auto& [key, value, at_line] : entries(node, path)) {
            const std::string full = joined(path, key);
            const bool plain = key.find('.') == std::string::npos;
            if (const Field* field = plain ? field_named(full) : nullptr; field != nullptr) {
                lines_[full] = at_line;
                read_field(*field, value, at_line);
            } else if (plain && !keys_under(full).empty()) {
                section(value, full, at_line);
            } else {
                unknown(key, path, at_line, allowed);
            }
        }
    }

    // What only all settings together can tell.
    void finish() {
        if (!lines_.contains("table")) {
            problems_.add(1, "table", fmt::format("is missing (expected {})", field_named("table")->expected));
        }
        for (const Contradiction& contradiction : contradictions(settings_)) {
            if (broken_.contains(contradiction.keys.front())) continue;
            for (const std::string& key : contradiction.keys) {
                if (lines_.contains(key)) {
                    problems_.add(lines_[key], key, contradiction.what);
                    break;
                }
            }
        }
    }

  private:
    struct Entry {
        std::string key;
        YAML::Node value;
        int line;
    };

    // yaml-cpp keeps duplicates; here they are reported and left out.
    std::vector<Entry> entries(const YAML::Node& map, const std::string& path) {
        std::vector<Entry> result;
        std::map<std::string, int> seen;
        for (const auto& pair : map) {
            const int line = line_of(pair.first);
            if (!pair.first.IsScalar()) {
                problems_.add(line, path, "a key is not a plain name (expected key: value)");
                continue;
            }
            const std::string key = pair.first.Scalar();
            if (const auto [first, is_new] = seen.emplace(key, line); !is_new) {
                const std::string full = joined(path, shown_key(key));
                problems_.add(line, full,
                              fmt::format("is there twice, first in line {} (expected once)", first->second));
                continue;
            }
            result.push_back({key, pair.second, line});
        }
        return result;
    }

    void read_field(const Field& field, const YAML::Node& value, int line) {
        if (field.shape == Shape::scalar) {
            scalar(field, field.key, "", value, line);
            return;
        }
        if (value.IsNull()) {
            return;
        }
        if (field.shape == Shape::list || field.shape == Shape::command) {
            list(field, value, line);
            return;
        }
        if (!value.IsMap()) {
            const char* what = value.IsSequence() ? "is a list" : "is a single value";
            problems_.add(line, field.key, fmt::format("{} (expected a mapping: {})", what, field.expected));
            return;
        }
        if (field.shape == Shape::tree) {
            tree(field, value, field.key, {});
            return;
        }
        for (const auto& [name, text, at_line] : entries(value, field.key)) {
            scalar(field, joined(field.key, shown_key(name)), name, text, at_line);
        }
    }

    // One name may stand without the brackets.
    void list(const Field& field, const YAML::Node& value, int line) {
        if (value.IsMap()) {
            problems_.add(line, field.key, fmt::format("is a mapping (expected {})", field.expected));
        } else if (value.IsScalar()) {
            scalar(field, field.key, field.shape == Shape::command ? "" : "1", value, line);
        } else {
            int number = 0;
            for (const YAML::Node& element : value) {
                ++number;
                scalar(field, fmt::format("{}[{}]", field.key, number), std::to_string(number), element,
                       line_of(element));
            }
        }
    }

    // Every mapping and every text in it, as far as a setting goes down.
    void tree(const Field& field, const YAML::Node& map, const std::string& path, const std::vector<std::string>& at) {
        for (const auto& [name, value, line] : entries(map, path)) {
            auto inside = at;
            inside.push_back(name);
            const std::string full = joined(path, shown_key(name));
            lines_[full] = line;
            if (value.IsMap() && value.size() > 0 && inside.size() < tree_depth_max) {
                tree(field, value, full, inside);
                continue;
            }
            const auto text = scalar_text(field, full, name, value, line);
            const Complaint complaint = text ? field.set_inside(settings_, inside, *text) : Complaint();
            if (!complaint.empty()) problems_.add(line, full, complaint);
            if (!text || !complaint.empty()) broken_.insert(joined(field.key, shown_key(inside.front())));
        }
    }

    void scalar(const Field& field, const std::string& path, const std::string& name, const YAML::Node& value,
                int line) {
        const auto text = scalar_text(field, path, name, value, line);
        if (!text) return;
        if (const Complaint complaint = field.set(settings_, name, *text); !complaint.empty()) {
            problems_.add(line, path, fmt::format("{} (expected {})", complaint, field.expected));
        }
    }

    // With the environment's variables in their places; nullopt: a problem was added.
    std::optional<std::string> scalar_text(const Field& field, const std::string& path, const std::string& name,
                                           const YAML::Node& value, int line) {
        if (!value.IsScalar() && !value.IsNull()) {
            problems_.add(line, path, fmt::format("{} (expected {})", kind_of(value), field.expected));
            return std::nullopt;
        }
        const std::string written = value.IsNull() ? "" : value.Scalar();
        if ((written + name).find('\0') != std::string::npos) {
            problems_.add(line, path, fmt::format("contains a zero byte (expected {})", field.expected));
            return std::nullopt;
        }
        // The shell has the same notation, and knows more variables.
        if (field.shape == Shape::command && name.empty()) return written;
        const Expansion expansion = expand(written, process_environment);
        if (!expansion.complaint.empty()) {
            problems_.add(line, path, expansion.complaint);
            return std::nullopt;
        }
        return expansion.text;
    }

    void unknown(const std::string& key, const std::string& path, int line, const std::vector<std::string>& allowed) {
        std::string near = suggestion(key, allowed);
        near = near.empty() ? "" : fmt::format(", did you mean {}?", near);
        problems_.add(line, joined(path, shown_key(key)),
                      fmt::format("unknown key{} (expected one of {})", near, fmt::join(allowed, ", ")));
    }

    // Without the quotes that a value has, unless something had to be hidden.
    static std::string shown_key(const std::string& key) {
        const std::string text = shown(key);
        return text.front() == '\'' ? text.substr(1, text.size() - 2) : text;
    }

    Settings& settings_;
    Problems& problems_;
    std::map<std::string, int> lines_;  // of the settings that the file has
    std::set<std::string> broken_;      // of a tree: what is in it has a problem, and is not whole because of that
};

// Remembers where the latest document began, and nothing else.
class DocumentStart : public YAML::EventHandler {
  public:
    int line() const { return line_; }

    void OnDocumentStart(const YAML::Mark& mark) override { line_ = mark.line + 1; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

  private:
    int line_ = 1;
};

// Where something follows the first document, which YAML::Load ignores. Not YAML::LoadAll: given a stray comma it makes
// empty documents until the memory is full.
std::optional<int> line_after_document(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStart start;
    const bool follows = parser.HandleNextDocument(start) && parser.HandleNextDocument(start);
    return follows ? std::optional(start.line()) : std::nullopt;
}

std::filesystem::path absolute_state_dir(const std::filesystem::path& dir, const std::filesystem::path& file) {
    auto path = (file.parent_path() / dir).lexically_normal();
    return path.has_filename() ? path : path.parent_path();  // without a trailing slash
}

}  // namespace

Settings parse(const std::string& text, const std::filesystem::path& file) {
    Problems problems(file);
    Settings settings = defaults();
    std::error_code ignored;
    settings.file = std::filesystem::absolute(file, ignored);
    if (text.size() > file_bytes_max) {
        problems.add(1, "", fmt::format("the file is too large (expected at most {})", format_size(file_bytes_max)));
        problems.throw_if_any();
    }
    try {
        const YAML::Node document = YAML::Load(text);
        TreeReader reader(settings, problems);
        reader.section(document, "", line_of(document));
        if (const auto line = line_after_document(text)) {
            problems.add(*line, "", "a second YAML document, or a stray character (expected one document)");
        }
        reader.finish();
    } catch (const YAML::Exception& error) {
        const int line = error.mark.is_null() ? 1 : error.mark.line + 1;
        problems.add(line, "", fmt::format("not valid YAML: {} (column {})", error.msg, error.mark.column + 1));
    }
    problems.throw_if_any();
    settings.state_dir = absolute_state_dir(settings.state_dir, settings.file);
    return settings;
}

Settings load(const std::filesystem::path& file) {
    const auto unreadable = [&file](const std::string& why) {
        return Error(ErrorKind::usage, fmt::format("cannot read {}: {}", file.string(), why),
                     "give the path of the migration's YAML file; config/example.yaml is one to start from");
    };
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        throw unreadable("it is a directory");
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw unreadable(std::strerror(errno));
    }
    // One byte more than is taken, so that a file without an end is noticed and not read to it.
    std::string text(file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) {
        throw unreadable(std::strerror(errno));
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return parse(text, file);
}

}  // namespace pgwraith::config
