import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Scanner;

/**
 * Reads P12s as Java programs do. Each line of standard input is the base64 of a path, a space, and the base64 of the
 * password; each line of the output is the SHA-256 of the leaf, or why there is none.
 */
class ReadP12 {
    public static void main(String[] args) {
        var lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            var fields = lines.nextLine().split(" ", -1);
            System.out.println(read(Path.of(text(fields[0])), text(fields[1]).toCharArray()));
        }
    }

    private static String read(Path path, char[] password) {
        try (var bytes = Files.newInputStream(path)) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(bytes, password);
            for (var alias : Collections.list(store.aliases())) {
                if (!(store.isKeyEntry(alias) && store.getKey(alias, password) instanceof PrivateKey)) continue;
                var certificate = store.getCertificate(alias).getEncoded();
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
            }
            return "refused: no private key";
        } catch (Exception refusal) {
            return ("refused: " + refusal).replace('\n', ' ');
        }
    }

    private static String text(String encoded) {
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }
}
