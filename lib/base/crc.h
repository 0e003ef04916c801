/* Checksums that more than one protocol has. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-16 of Modbus: reflected 0x8005, from 0xFFFF; sent low byte first. */
uint16_t crc_modbus(const uint8_t *bytes, size_t size);
/* CRC-16 of XMODEM: 0x1021 from 0; sent high byte first. */
uint16_t crc_xmodem(const uint8_t *bytes, size_t size);

#endif
