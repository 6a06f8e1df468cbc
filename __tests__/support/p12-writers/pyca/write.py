"""
Writes a P12 as pyca/cryptography does: the folder of the library, how, key, certificate, chain (PEM files), output;
the password comes on stdin.
"""
import sys

sys.path.insert(0, sys.argv.pop(1))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

PBES = pkcs12.PBES


def protection(how, password):
    if how == "best":
        return serialization.BestAvailableEncryption(password)
    if how == "none":
        return serialization.NoEncryption()
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(50000)
    if how == "3des":
        builder = builder.key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
    if how == "aes":
        builder = builder.key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    return builder.build(password)


def read(path):
    with open(path, "rb") as file:
        return file.read()


how, key, certificate, chain, output = sys.argv[1:]
p12 = pkcs12.serialize_key_and_certificates(
    "näme 🔑".encode(),
    serialization.load_pem_private_key(read(key), None),
    x509.load_pem_x509_certificate(read(certificate)),
    x509.load_pem_x509_certificates(read(chain)),
    protection(how, sys.stdin.buffer.read()),
)
with open(output, "wb") as file:
    file.write(p12)
