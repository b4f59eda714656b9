/* SHA-256 (FIPS 180-4). */
#ifndef RUBRIC_VM_SHA256_H
#define RUBRIC_VM_SHA256_H
#include <stddef.h>
#include <stdint.h>
void sha256(const void *bytes, size_t length, uint8_t digest[32]);
void sha256_hex(const void *bytes, size_t length, char hex[65]);
#endif
