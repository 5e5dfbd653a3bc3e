#pragma once
#include <spawn.h>

// For running a program for its output. glibc hides these three behind _GNU_SOURCE, which Swift does not set.
extern int memfd_create(const char *name, unsigned int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
