package io.github.multiprom.exposition.webconfig;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Private keys in PEM, as {@code openssl} writes them: PKCS #8, which the JDK reads, and the older
 * forms of RSA (PKCS #1, RFC 8017 A.1.2) and of elliptic curves (SEC 1, RFC 5915), which become
 * PKCS #8 (RFC 5208) by a frame around them.
 */
final class PemKey {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int SEQUENCE = 0x30;

  /** The tag under which a SEC 1 key names its curve. */
  private static final int CURVE = 0xA0;

  private static final byte[] VERSION_0 = {INTEGER, 1, 0};

  /** The object identifier of RSA, and its parameters: none. */
  private static final byte[] RSA = {
    0x06, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 0x05, 0
  };

  /** The object identifier of elliptic curves. */
  private static final byte[] EC = {0x06, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

  private PemKey() {}

  /**
   * The first private key of a text.
   *
   * @throws GeneralSecurityException if there is none that can be read
   */
  static PrivateKey parse(String pem) throws GeneralSecurityException {
    Matcher matcher = KEY.matcher(pem);
    if (!matcher.find()) {
      throw new InvalidKeySpecException("no unencrypted private key in PEM");
    }
    byte[] key;
    try {
      byte[] body = Base64.getMimeDecoder().decode(matcher.group(2));
      key =
          switch (matcher.group(1)) {
            case "RSA PRIVATE KEY" -> framed(RSA, body);
            case "EC PRIVATE KEY" -> framed(concat(EC, curve(body)), body);
            default -> body;
          };
    } catch (RuntimeException e) {
      throw new InvalidKeySpecException("the private key is damaged", e);
    }
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm.
      }
    }
    throw new InvalidKeySpecException("the private key is none of " + ALGORITHMS);
  }

  private static byte[] framed(byte[] algorithm, byte[] key) {
    return element(
        SEQUENCE, concat(VERSION_0, element(SEQUENCE, algorithm), element(OCTET_STRING, key)));
  }

  /** The curve's object identifier: of the elements version, key, curve, public key the third. */
  private static byte[] curve(byte[] sec1) {
    ByteBuffer elements = content(ByteBuffer.wrap(sec1), SEQUENCE);
    content(elements, INTEGER);
    content(elements, OCTET_STRING);
    ByteBuffer curve = content(elements, CURVE);
    byte[] bytes = new byte[curve.remaining()];
    curve.get(bytes);
    return bytes;
  }

  /** Passes over the next element and returns its content. */
  private static ByteBuffer content(ByteBuffer from, int tag) {
    if ((from.get() & 0xFF) != tag) {
      throw new IllegalArgumentException("element " + tag + " expected");
    }
    int length = from.get() & 0xFF;
    if (length > 0x80) {
      int bytes = length - 0x80;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = (length << 8) | (from.get() & 0xFF);
      }
    }
    ByteBuffer content = from.slice(from.position(), length);
    from.position(from.position() + length);
    return content;
  }

  /** An element of DER (X.690), whose length takes as few bytes as it can. */
  private static byte[] element(int tag, byte[] content) {
    int length = content.length;
    byte[] head;
    if (length < 0x80) {
      head = new byte[] {(byte) tag, (byte) length};
    } else if (length < 0x100) {
      head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
    } else {
      head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    }
    return concat(head, content);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
