package io.github.multiprom.exposition.webconfig;

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
import java.util.concurrent.Semaphore;
import java.util.function.BiPredicate;

/**
 * Checks user names and passwords of HTTP's basic authentication (RFC 7617) against bcrypt hashes.
 * Thread-safe.
 *
 * <p>A bcrypt check takes tens of milliseconds of a processor by intention. So only one runs at a
 * time, and the right passwords are remembered, by their digests. Only a few requests wait for a
 * check: those who guess never take all threads from who is known already.
 */
public final class BasicAuthentication {
  private static final String SCHEME = "Basic ";

  /**
   * Checked for an unknown user, which must take as long as for a known one; its password is known.
   */
  private static final String UNKNOWN_USERS_HASH =
      "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

  private static final int MAX_REMEMBERED = 100;

  /** Requests that may wait for a check, the one that is checked among them. */
  static final int MAX_WAITING = 4;

  /** What becomes of a request. */
  public enum Answer {
    RIGHT,
    WRONG,
    /** Too many wait to be checked. */
    BUSY
  }

  private final BiPredicate<byte[], String> verification;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);

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

  public BasicAuthentication() {
    this(BasicAuthentication::matches);
  }

  /**
   * Authentication by other hashes than those of bcrypt.
   *
   * @param verification whether a password is that of a hash
   */
  public BasicAuthentication(BiPredicate<byte[], String> verification) {
    this.verification = verification;
  }

  private static boolean matches(byte[] password, String hash) {
    return BCrypt.verifyer(
            BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
        .verify(password, hash.getBytes(StandardCharsets.US_ASCII))
        .verified;
  }

  /**
   * Checks a request.
   *
   * @param users hash by user name
   * @param authorization the header; null if there is none
   */
  public Answer check(Map<String, String> users, String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Answer.WRONG;
    }
    byte[] credentials;
    try {
      credentials = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
    } catch (IllegalArgumentException e) {
      return Answer.WRONG;
    }
    int colon = 0;
    while (colon < credentials.length && credentials[colon] != ':') {
      colon++;
    }
    if (colon == credentials.length) {
      return Answer.WRONG;
    }
    String user = new String(credentials, 0, colon, StandardCharsets.UTF_8);
    byte[] password = Arrays.copyOfRange(credentials, colon + 1, credentials.length);
    String hash = users.get(user);
    return hash == null ? checkUnknown(password) : check(password, hash);
  }

  private Answer check(byte[] password, String hash) {
    String key = hash + digest(password);
    if (remembered.contains(key)) {
      return Answer.RIGHT;
    }
    Answer answer = verify(password, hash);
    if (answer == Answer.RIGHT) {
      remembered.add(key);
    }
    return answer;
  }

  /** Never answers from memory: how long it takes would tell that there is no such user. */
  private Answer checkUnknown(byte[] password) {
    Answer answer = verify(password, UNKNOWN_USERS_HASH);
    return answer == Answer.RIGHT ? Answer.WRONG : answer;
  }

  private Answer verify(byte[] password, String hash) {
    if (!waiting.tryAcquire()) {
      return Answer.BUSY;
    }
    try {
      synchronized (verification) {
        return verification.test(password, hash) ? Answer.RIGHT : Answer.WRONG;
      }
    } finally {
      waiting.release();
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
