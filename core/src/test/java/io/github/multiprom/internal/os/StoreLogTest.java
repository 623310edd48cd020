package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoreLogTest {
  private final Logger logger = Logger.getLogger("io.github.multiprom");
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void addHandler() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void removeHandler() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private long count(String text) {
    return lines.stream().filter(text::equals).count();
  }

  @Test
  void showsMarksThatForgeOrTurnALine() {
    StoreLog.warnOnce("marks-" + System.nanoTime(), "a\nb\u202Ec\u2028d\u0085e\u007Ff\u00E9");
    // Another test may still say where it counted.
    assertEquals(1, count("a?b?c?d?e?f\u00E9"), lines::toString);
  }

  @Test
  void hidesNoOtherKindBehindAFlood() {
    String kind = "flood-" + System.nanoTime();
    for (int i = 0; i < 2_000; i++) {
      StoreLog.warnOnce(kind + " " + i, "a flood");
    }
    StoreLog.errorOnce(kind + " 0", "an error of that kind");
    StoreLog.warnOnce(kind + "-other 0", "another kind");
    assertEquals(100, count("a flood"));
    assertEquals(1, count("an error of that kind"));
    assertEquals(1, count("another kind"));
  }

  @Test
  void writesWhatWasHeldBackWhenTheLastLockIsFree() {
    String key = "held-" + System.nanoTime();
    StoreLog.hold();
    StoreLog.hold();
    StoreLog.warnOnce(key, "held");
    StoreLog.release();
    assertEquals(0, count("held"));
    StoreLog.release();
    StoreLog.warnOnce(key, "held");
    assertEquals(1, count("held"));
  }
}
