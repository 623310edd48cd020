package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
@Timeout(60)
class SetChildTest {
  private static final String[] QUEUE = {"queue"};
  private static final String[] MAIL = {"mail"};

  @TempDir Path directory;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final AtomicInteger value = new AtomicInteger();

  /** Of a test before this one: only the default worker takes families over. */
  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  private Gauge.Child callback() {
    return new Gauge.Child() {
      @Override
      public double get() {
        return value.incrementAndGet();
      }
    };
  }

  private Gauge gauge(Worker worker, String name, String... labelNames) {
    return Gauge.build(name, "Help.")
        .labelNames(labelNames)
        .mode(GaugeMode.LIVESUM)
        .worker(worker)
        .register(registry);
  }

  private Double sample(String name, String... labels) {
    return labels.length == 0
        ? registry.getSampleValue(name)
        : registry.getSampleValue(name, QUEUE, labels);
  }

  @Test
  void asksTheChildInMemory() {
    try (Worker worker = Workers.inMemory()) {
      Gauge gauge = gauge(worker, "g", QUEUE);
      gauge.labels("mail").set(42);
      Gauge.Child child = callback();
      assertSame(gauge, gauge.setChild(child, "mail"));
      assertSame(child, gauge.labels("mail"));
      assertEquals(1, sample("g", MAIL));
      assertEquals(2, sample("g", MAIL));
      Gauge alone = gauge(worker, "h");
      alone.setChild(callback());
      double sampled = sample("h");
      // The registry may ask the other gauge as well, of which it shows nothing here.
      assertTrue(sampled > 2 && sampled <= value.get(), "sampled " + sampled);
      assertEquals(value.get() + 1, alone.get());
      assertThrows(IllegalArgumentException.class, () -> gauge.setChild(callback()));
      assertThrows(IllegalArgumentException.class, () -> alone.setChild(child));
    }
  }

  @Test
  void keepsWhatTheChildHasCounted() throws Exception {
    for (boolean inMemory : new boolean[] {true, false}) {
      try (Worker worker = inMemory ? Workers.inMemory() : Workers.in(directory)) {
        CollectorRegistry own = new CollectorRegistry();
        Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).register(own);
        counter.labels("x").inc(100);
        Counter.Child child = new Counter.Child();
        child.inc(3);
        counter.setChild(child, "x");
        child.inc();
        counter.labels("x").inc();
        assertEquals(5, own.getSampleValue("c_total", new String[] {"a"}, new String[] {"x"}));
        assertThrows(IllegalArgumentException.class, () -> child.inc(-1));
        Histogram histogram = Histogram.build("h", "Help.").labelNames("a").worker(worker).create();
        histogram.setChild(histogram.labels("x"), "x");
        assertThrows(
            IllegalArgumentException.class, () -> histogram.setChild(histogram.labels("x"), "y"));
      }
    }
  }

  @Test
  void samplesTheChildOfAWorkerWithADirectory() throws Exception {
    value.set(6);
    try (Worker worker = Workers.in(directory)) {
      Gauge gauge = gauge(worker, "g", QUEUE);
      gauge.setChild(callback(), "mail");
      Await.until("sampled", () -> sample("g", MAIL) >= 7);
      double first = sample("g", MAIL);
      Await.until("sampled", () -> sample("g", MAIL) > first);
      assertEquals(1, gauge.collect().get(0).samples.size());
      gauge.remove("mail");
      assertEquals(null, sample("g", MAIL));

      Counter counter = Counter.build("c", "Help.").worker(worker).register(registry);
      counter.setChild(
          new Counter.Child() {
            @Override
            public double get() {
              return 12;
            }
          });
      Await.until("sampled", () -> sample("c_total") == 12);
    }
  }

  @Test
  void isHarmedByNoChildThatFailsOrDoesNotReturn() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (Worker worker = Workers.builder().directory(directory).open()) {
      gauge(worker, "good").setChild(callback());
      gauge(worker, "failing")
          .setChild(
              new Gauge.Child() {
                @Override
                public double get() {
                  throw new IllegalStateException("of the application");
                }
              });
      gauge(worker, "stuck")
          .setChild(
              new Gauge.Child() {
                @Override
                public double get() {
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  return 1;
                }
              });
      Await.until("sampled", () -> sample("good") >= 1);
      // Shown as 0 until the pass that asked it.
      Await.until("the failure", () -> sample("failing") == null);
    } finally {
      end.countDown();
    }
  }

  @Test
  void movesWithItsFamilyIntoADirectory() throws Exception {
    try (Worker memory = Workers.inMemory()) {
      Gauge gauge = gauge(memory, "g", QUEUE);
      gauge.setChild(callback(), "mail");
      try (Worker worker = Workers.builder().directory(directory).open()) {
        Await.until("sampled", () -> sample("g", MAIL) != null && sample("g", MAIL) > 2);
      }
    }
  }
}
