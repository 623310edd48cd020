package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasicAuthenticationTest {
  private final BasicAuthentication authentication = new BasicAuthentication();

  private static String header(String credentials) {
    byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  private static String hash(BCrypt.Version version, String password) {
    return BCrypt.with(version).hashToString(4, password.toCharArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2a", "2b", "2y"})
  void admitsTheRightPassword(String prefix) {
    String hash = hash(BCrypt.Version.VERSION_2A, "p:wörd").replace("$2a$", "$" + prefix + "$");
    Map<String, String> users = Map.of("alice", hash);
    // Twice: the second answer is remembered.
    for (int i = 0; i < 2; i++) {
      assertTrue(authentication.admits(users, header("alice:p:wörd")));
      assertTrue(authentication.admits(users, header("alice:p:wörd").replace("Basic", "bAsIc")));
      assertFalse(authentication.admits(users, header("alice:p:word")));
      assertFalse(authentication.admits(users, header("alice:")));
      assertFalse(authentication.admits(users, header("bob:p:wörd")));
      assertFalse(authentication.admits(users, header("bob:fakepassword")));
    }
  }

  @Test
  void admitsByTheHashOfNow() {
    Map<String, String> before = Map.of("alice", hash(BCrypt.Version.VERSION_2Y, "one"));
    Map<String, String> after = Map.of("alice", hash(BCrypt.Version.VERSION_2Y, "two"));
    assertTrue(authentication.admits(before, header("alice:one")));
    assertFalse(authentication.admits(after, header("alice:one")));
    assertTrue(authentication.admits(after, header("alice:two")));
  }

  @Test
  void comparesTheFirst72BytesAsGoDoes() {
    String longPassword = "x".repeat(72);
    Map<String, String> users = Map.of("alice", hash(BCrypt.Version.VERSION_2B, longPassword));
    assertTrue(authentication.admits(users, header("alice:" + longPassword)));
    assertTrue(authentication.admits(users, header("alice:" + longPassword + "more")));
    assertFalse(authentication.admits(users, header("alice:" + longPassword.substring(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic", "Basic ", "Basic !", "Bearer YTpi", "Basic YWxpY2U="})
  void refusesWhatIsNoCredential(String header) {
    Map<String, String> users = Map.of("alice", hash(BCrypt.Version.VERSION_2A, ""));
    assertFalse(authentication.admits(users, header));
    assertFalse(authentication.admits(users, null));
  }
}
