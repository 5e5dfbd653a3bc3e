// The C face of libctemplate: a set of named templates, loaded once and then only rendered, and the values to
// render them with. No exception leaves these functions; `false` and NULL stand for "out of memory" unless
// said otherwise. Names and texts are UTF-8 with a length, never terminated by NUL.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct templates_set templates_set;
typedef struct templates_values templates_values;

/// A text handed to the caller, who ends it with `templates_text_destroy`.
typedef struct templates_text {
    const char *bytes;
    size_t count;
    void *owner;
} templates_text;

void templates_text_destroy(templates_text *text);

templates_set *templates_set_create(void);
void templates_set_destroy(templates_set *set);

/// Parses `text` and keeps it under `name`; `false` with libctemplate's words in `problem` if it refuses.
/// One thread at a time, before `templates_set_freeze`.
bool templates_set_add(
    templates_set *set, const char *name, size_t name_count, const char *text, size_t text_count,
    templates_text *problem);

/// Ends loading; from here on any number of threads may render.
void templates_set_freeze(templates_set *set);

/// Renders one template of a frozen set; `false` if there is none of that name.
bool templates_set_render(
    const templates_set *set, const char *name, size_t name_count, const templates_values *values,
    templates_text *output);

templates_values *templates_values_create(void);
/// For values made by `templates_values_create` only; sections go with the values they belong to.
void templates_values_destroy(templates_values *values);
bool templates_values_set_text(
    templates_values *values, const char *name, size_t name_count, const char *text, size_t text_count);
/// Makes `name` a list of sections, empty so far: hidden here even where an outer list is shown.
bool templates_values_set_sections(templates_values *values, const char *name, size_t name_count);
/// Adds one turn to a list made by `templates_values_set_sections`.
templates_values *templates_values_add_section(
    templates_values *values, const char *name, size_t name_count);

#ifdef __cplusplus
}
#endif
