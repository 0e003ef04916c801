"""libsodium by itself, for what is sealed: not by our code."""
import ctypes
import sys

na = ctypes.CDLL('libsodium.so.23')


def kdf(key, number, context, size=32):
    out = ctypes.create_string_buffer(size)
    na.crypto_kdf_derive_from_key(out, ctypes.c_size_t(size),
                                  ctypes.c_uint64(number), context, key)
    return out.raw


def unseal(sealed, about, nonce, key):
    out = ctypes.create_string_buffer(len(sealed))
    if na.crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, None, None, sealed, ctypes.c_ulonglong(len(sealed)), about,
            ctypes.c_ulonglong(len(about)), nonce, key) != 0:
        sys.exit('does not open')
    return out.raw[:len(sealed) - 16]
