#include "base/crc.h"

uint16_t
crc_modbus(const uint8_t *bytes, size_t size)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	return (uint16_t)crc;
}

uint16_t
crc_xmodem(const uint8_t *bytes, size_t size)
{
	unsigned crc = 0;

	for (size_t i = 0; i < size; i++) {
		crc ^= (unsigned)bytes[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
	}
	return (uint16_t)crc;
}
