package io.github.multiprom.exposition.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    callers.shutdownNow();
  }

  @Test
  void letsCallersDuringARunShareTheNextOne() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch firstRuns = new CountDownLatch(1);
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    SingleFlight<Integer> flight =
        new SingleFlight<>(
            () -> {
              int run = runs.incrementAndGet();
              if (run == 1) {
                firstRuns.countDown();
                await(firstMayEnd);
              }
              return run;
            });

    Future<Integer> first = callers.submit(flight::get);
    firstRuns.await();
    List<Thread> asking = new CopyOnWriteArrayList<>();
    List<Future<Integer>> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(
          callers.submit(
              () -> {
                asking.add(Thread.currentThread());
                return flight.get();
              }));
    }
    while (asking.stream().filter(each -> each.getState() == Thread.State.WAITING).count() < 10) {
      Thread.onSpinWait();
    }
    firstMayEnd.countDown();

    assertEquals(1, first.get());
    for (Future<Integer> other : others) {
      assertTrue(other.get() >= 2, "not the run that was under way");
    }
    assertTrue(runs.get() <= 3, runs + " runs for eleven callers");
  }

  @Test
  void neverAnswersWithARunThatBeganBeforeTheCall() throws Exception {
    AtomicInteger counter = new AtomicInteger();
    SingleFlight<Integer> flight = new SingleFlight<>(counter::get);
    List<Future<?>> all = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      all.add(
          callers.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  int before = counter.incrementAndGet();
                  int seen = flight.get();
                  assertTrue(seen >= before, seen + " < " + before);
                }
              }));
    }
    for (Future<?> one : all) {
      one.get();
    }
  }

  @Test
  void goesOnAfterAFailure() {
    AtomicInteger runs = new AtomicInteger();
    SingleFlight<Integer> flight =
        new SingleFlight<>(
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
              }
              return runs.get();
            });
    assertThrows(IllegalStateException.class, flight::get);
    assertEquals(2, flight.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
