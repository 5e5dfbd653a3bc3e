#include "templates.h"

#include <ctemplate/per_expand_data.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary_interface.h>
#include <ctemplate/template_emitter.h>
#include <ctemplate/template_enums.h>

#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Values as the templates of this project mean them (libctemplate's own dictionary cannot say "hidden here"
// below an outer list of the same name, nor "shown when there are none"):
// a name is looked up here, then outwards, and the first place that knows it decides;
// a section is shown once for a text that is not empty and once per element of a list;
// the section `NAME__NONE` is shown exactly when the section `NAME` is not.
struct templates_values final : public ctemplate::TemplateDictionaryInterface {
    using Sections = std::vector<std::unique_ptr<templates_values>>;
    using TemplateString = ctemplate::TemplateString;

    struct Value {
        bool isText;
        std::string text;
        Sections sections;
    };

    explicit templates_values(const templates_values *outer) : outer(outer) {}

    const Value *find(std::string_view name) const {
        for (const templates_values *place = this; place != nullptr; place = place->outer) {
            const auto found = place->values.find(name);
            if (found != place->values.end()) return &found->second;
        }
        return nullptr;
    }

    bool isShown(std::string_view name) const {
        constexpr std::string_view none = "__NONE";
        if (name.size() > none.size() && name.substr(name.size() - none.size()) == none) {
            return !isShown(name.substr(0, name.size() - none.size()));
        }
        const Value *value = find(name);
        if (value == nullptr) return false;
        return value->isText ? !value->text.empty() : !value->sections.empty();
    }

    const templates_values *const outer;
    std::map<std::string, Value, std::less<>> values;

 protected:
    class SectionIterator final : public Iterator {
     public:
        explicit SectionIterator(const Sections *sections) : sections(sections) {}
        bool HasNext() const override { return sections != nullptr && next < sections->size(); }
        const TemplateDictionaryInterface &Next() override { return *(*sections)[next++]; }

     private:
        const Sections *const sections;
        size_t next = 0;
    };

    static std::string_view view(const TemplateString &name) { return {name.data(), name.size()}; }

    TemplateString GetValue(const TemplateString &name) const override {
        const Value *value = find(view(name));
        if (value == nullptr || !value->isText) return TemplateString("", 0);
        return TemplateString(value->text.data(), value->text.size());
    }
    bool IsHiddenSection(const TemplateString &name) const override { return !isShown(view(name)); }
    bool IsUnhiddenSection(const TemplateString &name) const override { return isShown(view(name)); }
    // Without an element libctemplate goes through the section once, with these values: what a text or
    // an absence asks for.
    Iterator *CreateSectionIterator(const TemplateString &name) const override {
        const Value *value = find(view(name));
        return new SectionIterator(value == nullptr ? nullptr : &value->sections);
    }

    // Includes are resolved before libctemplate sees the text.
    bool IsHiddenTemplate(const TemplateString &) const override { return true; }
    const char *GetIncludeTemplateName(const TemplateString &, int) const override { return nullptr; }
    Iterator *CreateTemplateIterator(const TemplateString &) const override {
        return new SectionIterator(nullptr);
    }
    void DumpToString(std::string *, int) const override {}
};

struct templates_set {
    ctemplate::TemplateCache cache;
};

namespace {

// libctemplate tells what it dislikes on std::cerr and nowhere else; this listens while it parses.
class ErrorListener {
 public:
    ErrorListener() : lock(mutex), before(std::cerr.rdbuf(heard.rdbuf())) {}
    ~ErrorListener() { std::cerr.rdbuf(before); }
    std::string text() const { return heard.str(); }

 private:
    static std::mutex mutex;
    std::lock_guard<std::mutex> lock;
    std::ostringstream heard;
    std::streambuf *before;
};
std::mutex ErrorListener::mutex;

void give(templates_text *target, std::unique_ptr<std::string> text) {
    target->bytes = text->data();
    target->count = text->size();
    target->owner = text.release();
}

// What escapes here is memory running out; the caller hears it as `failure`.
template <typename Result, typename Body>
Result guarded(Result failure, Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return failure;
    }
}

}  // namespace

void templates_text_destroy(templates_text *text) {
    delete static_cast<std::string *>(text->owner);
    *text = {nullptr, 0, nullptr};
}

templates_set *templates_set_create(void) {
    return guarded<templates_set *>(nullptr, [] { return new templates_set; });
}

void templates_set_destroy(templates_set *set) { delete set; }

bool templates_set_add(
    templates_set *set, const char *name, size_t name_count, const char *text, size_t text_count,
    templates_text *problem) {
    *problem = {nullptr, 0, nullptr};
    return guarded(false, [&] {
        auto words = std::make_unique<std::string>();
        bool parsed;
        {
            ErrorListener listener;
            parsed = set->cache.StringToTemplateCache(
                ctemplate::TemplateString(name, name_count), text, text_count, ctemplate::DO_NOT_STRIP);
            *words = listener.text();
        }
        if (!parsed || !words->empty()) give(problem, std::move(words));
        return parsed && problem->count == 0;
    });
}

void templates_set_freeze(templates_set *set) { set->cache.Freeze(); }

bool templates_set_render(
    const templates_set *set, const char *name, size_t name_count, const templates_values *values,
    templates_text *output) {
    *output = {nullptr, 0, nullptr};
    return guarded(false, [&] {
        auto text = std::make_unique<std::string>();
        ctemplate::PerExpandData perExpandData;
        const bool rendered = set->cache.ExpandNoLoad(
            ctemplate::TemplateString(name, name_count), ctemplate::DO_NOT_STRIP, values, &perExpandData,
            text.get());
        if (rendered) give(output, std::move(text));
        return rendered;
    });
}

templates_values *templates_values_create(void) {
    return guarded<templates_values *>(nullptr, [] { return new templates_values(nullptr); });
}

void templates_values_destroy(templates_values *values) { delete values; }

bool templates_values_set_text(
    templates_values *values, const char *name, size_t name_count, const char *text, size_t text_count) {
    return guarded(false, [&] {
        values->values[std::string(name, name_count)] = {true, std::string(text, text_count), {}};
        return true;
    });
}

bool templates_values_set_sections(templates_values *values, const char *name, size_t name_count) {
    return guarded(false, [&] {
        values->values[std::string(name, name_count)] = {false, {}, {}};
        return true;
    });
}

templates_values *templates_values_add_section(
    templates_values *values, const char *name, size_t name_count) {
    return guarded<templates_values *>(nullptr, [&]() -> templates_values * {
        const auto list = values->values.find(std::string_view(name, name_count));
        if (list == values->values.end()) return nullptr;
        list->second.sections.push_back(std::make_unique<templates_values>(values));
        return list->second.sections.back().get();
    });
}
