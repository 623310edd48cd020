package io.github.multiprom.exposition.webconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.github.multiprom.exposition.webconfig.BasicAuthentication.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
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

  private boolean admits(Map<String, String> users, String header) {
    return authentication.check(users, header) == Answer.RIGHT;
  }

  @ParameterizedTest
  @ValueSource(strings = {"2a", "2b", "2y"})
  void admitsTheRightPassword(String prefix) {
    String hash = hash(BCrypt.Version.VERSION_2A, "p:wörd").replace("$2a$", "$" + prefix + "$");
    Map<String, String> users = Map.of("alice", hash);
    // Twice: the second answer is remembered.
    for (int i = 0; i < 2; i++) {
      assertTrue(admits(users, header("alice:p:wörd")));
      assertTrue(admits(users, header("alice:p:wörd").replace("Basic", "bAsIc")));
      assertFalse(admits(users, header("alice:p:word")));
      assertFalse(admits(users, header("alice:")));
      assertFalse(admits(users, header("bob:p:wörd")));
      assertFalse(admits(users, header("bob:fakepassword")));
    }
  }

  @Test
  void admitsByTheHashOfNow() {
    Map<String, String> before = Map.of("alice", hash(BCrypt.Version.VERSION_2Y, "one"));
    Map<String, String> after = Map.of("alice", hash(BCrypt.Version.VERSION_2Y, "two"));
    assertTrue(admits(before, header("alice:one")));
    assertFalse(admits(after, header("alice:one")));
    assertTrue(admits(after, header("alice:two")));
  }

  @Test
  void comparesTheFirst72BytesAsGoDoes() {
    String longPassword = "x".repeat(72);
    Map<String, String> users = Map.of("alice", hash(BCrypt.Version.VERSION_2B, longPassword));
    assertTrue(admits(users, header("alice:" + longPassword)));
    assertTrue(admits(users, header("alice:" + longPassword + "more")));
    assertFalse(admits(users, header("alice:" + longPassword.substring(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic", "Basic ", "Basic !", "Bearer YTpi", "Basic YWxpY2U="})
  void refusesWhatIsNoCredential(String header) {
    Map<String, String> users = Map.of("alice", hash(BCrypt.Version.VERSION_2A, ""));
    assertFalse(admits(users, header));
    assertFalse(admits(users, null));
  }

  @Test
  void checksThePasswordOfAnUnknownUserEachTime() {
    AtomicInteger checks = new AtomicInteger();
    BasicAuthentication counting =
        new BasicAuthentication((password, hash) -> checks.incrementAndGet() > 0);
    for (int i = 1; i <= 2; i++) {
      assertEquals(Answer.WRONG, counting.check(Map.of("alice", "hash"), header("bob:guess")));
      assertEquals(i, checks.get());
    }
  }

  @Test
  void answersWhoIsKnownWhileManyGuess() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    BasicAuthentication slow =
        new BasicAuthentication((password, hash) -> password.length == 0 || await(mayEnd));
    Map<String, String> users = Map.of("alice", "hash");
    assertEquals(Answer.RIGHT, slow.check(users, header("alice:")));
    Queue<Answer> answers = new LinkedBlockingQueue<>();
    List<Thread> guessing = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * BasicAuthentication.MAX_WAITING; i++) {
        Thread guess = new Thread(() -> answers.add(slow.check(users, header("alice:guess"))));
        guess.start();
        guessing.add(guess);
      }
      while (answers.size() < 2 * BasicAuthentication.MAX_WAITING) {
        Thread.onSpinWait();
      }
      assertEquals(Set.of(Answer.BUSY), Set.copyOf(answers));
      assertEquals(Answer.RIGHT, slow.check(users, header("alice:")));
      assertEquals(Answer.BUSY, slow.check(users, header("bob:")));
    } finally {
      mayEnd.countDown();
      for (Thread guess : guessing) {
        guess.join();
      }
    }
    assertEquals(Answer.WRONG, slow.check(users, header("alice:guess")));
  }

  /** False, some time. */
  private static boolean await(CountDownLatch latch) {
    try {
      latch.await();
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
