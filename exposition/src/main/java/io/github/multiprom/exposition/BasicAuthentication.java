package io.github.multiprom.exposition;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Checks user names and passwords of HTTP's basic authentication (RFC 7617) against bcrypt hashes.
 * Thread-safe.
 *
 * <p>A bcrypt check takes tens of milliseconds of a processor by intention. So only one runs at a
 * time, and the right passwords are remembered, by their digests: who knows one never waits for
 * those who guess.
 */
final class BasicAuthentication {
  private static final String SCHEME = "Basic ";

  /** Checked for an unknown user, which must take as long as for a known one. Nobody's password. */
  private static final String UNKNOWN_USERS_HASH =
      "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

  private static final int MAX_REMEMBERED = 100;

  private final BCrypt.Verifyer verifyer =
      BCrypt.verifyer(
          BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A));

  // By hash and digest of the password.
  private final Set<String> remembered =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > MAX_REMEMBERED;
                }
              }));

  /**
   * Whether a request may pass.
   *
   * @param users hash by user name
   * @param authorization the header; null if there is none
   */
  boolean admits(Map<String, String> users, String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] credentials;
    try {
      credentials = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
    } catch (IllegalArgumentException e) {
      return false;
    }
    int colon = 0;
    while (colon < credentials.length && credentials[colon] != ':') {
      colon++;
    }
    if (colon == credentials.length) {
      return false;
    }
    String user = new String(credentials, 0, colon, StandardCharsets.UTF_8);
    byte[] password = Arrays.copyOfRange(credentials, colon + 1, credentials.length);
    String hash = users.get(user);
    return matches(password, hash == null ? UNKNOWN_USERS_HASH : hash) && hash != null;
  }

  private boolean matches(byte[] password, String hash) {
    String key = hash + digest(password);
    if (remembered.contains(key)) {
      return true;
    }
    synchronized (verifyer) {
      boolean right = verifyer.verify(password, hash.getBytes(StandardCharsets.US_ASCII)).verified;
      if (right) {
        remembered.add(key);
      }
      return right;
    }
  }

  private static String digest(byte[] password) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(password));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
