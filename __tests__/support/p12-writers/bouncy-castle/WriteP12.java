import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;

/** Writes a P12 as Bouncy Castle does: how, key, certificate, chain (PEM files), output; the password comes on stdin. */
class WriteP12 {
  public static void main(String[] args) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    char[] password = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).toCharArray();
    PrivateKey key = readKey(Path.of(args[1]));
    List<X509Certificate> chain = new ArrayList<>();
    for (int index = 2; index < 4; index++) {
      try (var input = new FileInputStream(args[index])) {
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(input)) chain.add((X509Certificate) one);
      }
    }
    try (var output = new FileOutputStream(args[4])) {
      if (args[0].equals("SHA3-PRF")) writeSha3(key, chain, password, output);
      else writeStore(args[0], key, chain, password, output);
    }
  }

  /** A key store of the type `how`. */
  private static void writeStore(String how, PrivateKey key, List<X509Certificate> chain, char[] password, OutputStream output)
      throws Exception {
    KeyStore store = KeyStore.getInstance(how, "BC");
    store.load(null, null);
    store.setKeyEntry("signing key", key, null, chain.toArray(new Certificate[0]));
    store.store(output, password);
  }

  /** PBES2 whose PRF is HMAC-SHA3-256. */
  private static void writeSha3(PrivateKey key, List<X509Certificate> chain, char[] password, OutputStream output) throws Exception {
    PKCS12PfxPduBuilder builder = new PKCS12PfxPduBuilder();
    PKCS12SafeBag[] bags = new PKCS12SafeBag[chain.size()];
    for (int index = 0; index < bags.length; index++) bags[index] = new JcaPKCS12SafeBagBuilder(chain.get(index)).build();
    builder.addEncryptedData(sha3Encryptor(password), bags);
    builder.addData(new JcaPKCS12SafeBagBuilder(key, sha3Encryptor(password)).build());
    var mac = new JcePKCS12MacCalculatorBuilder(NISTObjectIdentifiers.id_sha256).setProvider("BC");
    output.write(builder.build(mac, password).getEncoded());
  }

  private static OutputEncryptor sha3Encryptor(char[] password) throws Exception {
    var prf = new AlgorithmIdentifier(NISTObjectIdentifiers.id_hmacWithSHA3_256, DERNull.INSTANCE);
    return new JcePKCSPBEOutputEncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC).setPRF(prf).setProvider("BC").build(password);
  }

  private static PrivateKey readKey(Path pem) throws Exception {
    String base64 = Files.readString(pem).replaceAll("-----[^-]+-----|\\s", "");
    var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
    return KeyFactory.getInstance("RSA").generatePrivate(spec);
  }
}
