/*
 * Pairs of keys: what is sealed to the public one is opened with the secret
 * one only, which is kept elsewhere (crypto_box_seal). Files: 32 bytes each.
 */
#ifndef VAULT_PAIR_H
#define VAULT_PAIR_H

#include "vault/vault.h"

/* Make the secret one in a new file, 0400, and the public one beside it in
 * <path>.pub. EXIT_WRONG where one is there already. */
int pair_create(const char *path, struct failure *why);
/* Seal a key for the public one in a file, into a new file. */
int pair_seal(const char *public_path, const struct vault_secret *key,
    const char *path, struct failure *why);
/* Open such a file with the secret one in a file. NULL: a failure. */
struct vault_secret *pair_open(
    const char *secret_path, const char *path, struct failure *why);
/* Write a key to a new file, 0400, as vault_key_create makes one. */
int pair_write(
    const struct vault_secret *key, const char *path, struct failure *why);

#endif
