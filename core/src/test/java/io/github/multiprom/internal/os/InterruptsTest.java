package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class InterruptsTest {
  @Test
  void doNotReachAThreadOfItsOwnAndArePendingAfterwards() throws IOException {
    Thread.currentThread().interrupt();
    try {
      Thread thread = Interrupts.inOwnThread(Thread::currentThread);
      assertNotSame(Thread.currentThread(), thread);
      assertTrue(thread.isDaemon());
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void givesThatThreadTheClassLoaderOfTheLibrary() throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    try {
      assertSame(
          Interrupts.class.getClassLoader(),
          Interrupts.inOwnThread(() -> Thread.currentThread().getContextClassLoader()));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void tellsWhateverEndedThatThread() {
    IOException failure =
        assertThrows(
            IOException.class,
            () ->
                Interrupts.inOwnThread(
                    () -> {
                      throw new ExceptionInInitializerError("why");
                    }));
    Throwable cause = failure.getCause().getCause();
    assertInstanceOf(ExceptionInInitializerError.class, cause);
    assertEquals("why", cause.getMessage());
  }
}
