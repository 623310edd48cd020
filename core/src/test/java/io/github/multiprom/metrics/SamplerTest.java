package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Sources that are sampled, and what collectors then show. */
class SamplerTest {
  private static final String[] NONE = {};
  private static final Duration LONG = Duration.ofSeconds(20);

  /** So long a source may take until others go on without it. */
  private static final long STUCK_MS = TimeUnit.NANOSECONDS.toMillis(Sampler.STUCK_NANOS);

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private Worker worker;
  private MultiprocessCollector collector;
  private final CollectorRegistry shown = new CollectorRegistry();

  @BeforeEach
  void open() {
    worker = Workers.builder().directory(directory).name("w").withoutHousekeeping().open();
    collector = new MultiprocessCollector(directory);
    shown.register(collector);
  }

  @AfterEach
  void close() throws Exception {
    worker.close();
    collector.close();
    DeletedDirectory.await(directory);
  }

  private String samples(String prefix) throws Exception {
    worker.sampler().sampleNow(LONG);
    return Expositions.samples(shown, prefix);
  }

  @Test
  void takesEveryType() throws Exception {
    worker
        .sampler()
        .add(
            to -> {
              String[] names = {"a"};
              String[] values = {"x"};
              to.counter("c_total", "Help.", names, values, 3);
              to.counter("c", "Help.", new String[] {"b"}, new String[] {"y"}, 4);
              to.gauge("g", "Help.", NONE, NONE, -1);
              to.gauge("most", "Help.", NONE, NONE, 2, GaugeMode.LIVEMAX);
              to.gauge("disk_free_bytes", "Help.", NONE, NONE, 5);
              to.info("build", "Help.", new String[] {"v"}, new String[] {"1"});
              to.summary("s", "", NONE, NONE, 2, 7);
              to.histogram("h", "Help.", NONE, NONE, new double[] {1}, new double[] {1, 2}, 9);
            });
    assertEquals("c_total{a=\"x\",} 3.0\nc_total{b=\"y\",} 4.0", samples("c_"));
    assertEquals("g{worker=\"w\",} -1.0", samples("g"));
    assertEquals("most 2.0", samples("most"));
    assertEquals("disk_free_bytes 5.0", samples("disk"));
    assertEquals("build_info{v=\"1\",} 1.0", samples("build"));
    assertEquals("s_count 2.0\ns_sum 7.0", samples("s_"));
    assertEquals(
        """
        h_bucket{le="+Inf",} 3.0
        h_bucket{le="1.0",} 1.0
        h_count 3.0
        h_sum 9.0\
        """,
        samples("h_"));
  }

  @Test
  void samplesBeforeAnInterruptedThreadGoesOn() throws Exception {
    AtomicInteger passes = new AtomicInteger();
    worker
        .sampler()
        .add(
            to -> {
              // Longer than a thread takes that does not wait.
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
              passes.incrementAndGet();
            });
    worker.sampler().sampleNow(LONG);
    int before = passes.get();
    Thread.currentThread().interrupt();
    worker.sampler().sampleNow(LONG);
    assertTrue(Thread.interrupted());
    assertTrue(passes.get() > before);
  }

  @Test
  void goesOnWhereASourceStartsAgain() throws Exception {
    AtomicReference<double[]> totals = new AtomicReference<>(new double[] {5, 2, 3});
    worker
        .sampler()
        .add(
            to -> {
              to.counter("c", "Help.", NONE, NONE, totals.get()[0]);
              to.summary("s", "Help.", NONE, NONE, totals.get()[1], totals.get()[2]);
            });
    assertEquals("c_total 5.0", samples("c_"));
    totals.set(new double[] {1, 1, 10});
    assertEquals("c_total 6.0", samples("c_"));
    assertEquals("s_count 3.0\ns_sum 13.0", samples("s_"));
    totals.set(new double[] {2, 2, Double.NaN});
    assertEquals("c_total 7.0", samples("c_"));
    assertEquals("s_count 4.0\ns_sum 13.0", samples("s_"));
  }

  @Test
  void showsNoGaugeThatASourceDoesNotGive() throws Exception {
    AtomicReference<String> label = new AtomicReference<>("x");
    SampledSource source =
        to -> {
          to.gauge("g", "Help.", new String[] {"a"}, new String[] {label.get()}, 1);
          to.counter("c", "Help.", new String[] {"a"}, new String[] {label.get()}, 1);
        };
    worker.sampler().add(source);
    assertEquals("g{a=\"x\",worker=\"w\",} 1.0", samples("g"));
    label.set("y");
    assertEquals("g{a=\"y\",worker=\"w\",} 1.0", samples("g"));
    label.set("x");
    assertEquals("g{a=\"x\",worker=\"w\",} 1.0", samples("g"));
    assertEquals("c_total{a=\"x\",} 1.0\nc_total{a=\"y\",} 1.0", samples("c_"));
    worker.sampler().remove(source);
    assertEquals("", samples("g"));
    assertEquals("c_total{a=\"x\",} 1.0\nc_total{a=\"y\",} 1.0", samples("c_"));
  }

  @Test
  void showsNoGaugeOfASourceThatIsRemovedWhileItIsSampled() throws Exception {
    SampledSource source =
        new SampledSource() {
          @Override
          public void sample(SampleSink to) {
            to.gauge("g", "Help.", NONE, NONE, 1);
            worker.sampler().remove(this);
          }
        };
    worker.sampler().add(source);
    samples("g");
    assertEquals("", samples("g"));
  }

  @Test
  void takesASeriesOnceAPass() throws Exception {
    worker
        .sampler()
        .add(
            to -> {
              to.counter("c", "Help.", NONE, NONE, 5);
              to.counter("c_total", "Help.", NONE, NONE, 2);
              to.gauge("g", "Help.", NONE, NONE, 1);
              to.gauge("g", "Help.", NONE, NONE, 2);
              to.summary("s", "Help.", NONE, NONE, 5, 5);
              to.summary("s", "Help.", NONE, NONE, 2, 2);
              to.counter("d", "Help.", new String[] {"a", "b"}, new String[] {"x", "y"}, 5);
              to.counter("d", "Help.", new String[] {"b", "a"}, new String[] {"y", "x"}, 2);
              to.counter("d", "Help.", new String[] {"e"}, new String[] {""}, 5);
              to.counter("d", "Help.", new String[] {"f"}, new String[] {""}, 2);
            });
    for (int pass = 0; pass < 3; pass++) {
      assertEquals("c_total 5.0", samples("c_"));
      assertEquals("g{worker=\"w\",} 1.0", samples("g"));
      assertEquals("s_count 5.0\ns_sum 5.0", samples("s_"));
      assertEquals("d_total 5.0\nd_total{a=\"x\",b=\"y\",} 5.0", samples("d_"));
    }
    assertEquals(
        "multiprom_sample_refused_total{reason=\"twice\",} 3.0",
        samples("multiprom_sample_refused_total"));
  }

  @Test
  void refusesWhatItCannotTakeAndSaysWhyOnce() throws Exception {
    Counter own = Counter.build("own", "Help.").worker(worker).create();
    own.inc(7);
    worker.sampler().add(to -> to.gauge("shared", "Help.", NONE, NONE, 1));
    worker.sampler().sampleNow(LONG);
    worker
        .sampler()
        .add(
            to -> {
              to.counter("own", "Help.", NONE, NONE, 3);
              to.gauge("shared", "Help.", NONE, NONE, 9);
              to.counter("bad name", "Help.", NONE, NONE, 3);
              to.counter("nan", "Help.", NONE, NONE, Double.NaN);
              to.histogram("h", "Help.", NONE, NONE, new double[0], new double[0], 1);
              to.refuse("q", "quantile");
              to.gauge("fine", "Help.", NONE, NONE, 1);
            });
    assertEquals("own_total 7.0", samples("own"));
    assertEquals("shared{worker=\"w\",} 1.0", samples("shared"));
    assertEquals("fine{worker=\"w\",} 1.0", samples("fine"));
    assertEquals(
        """
        multiprom_sample_refused_total{reason="not_finite",} 1.0
        multiprom_sample_refused_total{reason="quantile",} 1.0
        multiprom_sample_refused_total{reason="shape",} 2.0
        multiprom_sample_refused_total{reason="twice",} 2.0\
        """,
        samples("multiprom_sample_refused"));
  }

  @Test
  void takesWhatItRefusedAsSoonAsItCan() throws Exception {
    SampledSource first = to -> to.counter("shared", "Help.", NONE, NONE, 1);
    worker.sampler().add(first);
    worker.sampler().sampleNow(LONG);
    AtomicReference<Double> total = new AtomicReference<>(Double.NaN);
    worker
        .sampler()
        .add(
            to -> {
              to.counter("shared", "Help.", NONE, NONE, 5);
              to.counter("nan", "Help.", NONE, NONE, total.get());
            });
    assertEquals("shared_total 1.0", samples("shared_total"));
    assertEquals("", samples("nan_total"));
    worker.sampler().remove(first);
    total.set(4.0);
    worker.sampler().sampleNow(LONG);
    // What the first one gave stays.
    assertEquals("shared_total 5.0", samples("shared_total"));
    assertEquals("nan_total 4.0", samples("nan_total"));
  }

  @Test
  void leavesOutLabelSetsBeyondTheLimit() throws Exception {
    try (Worker limited =
        Workers.builder().directory(directory).maxSeries(2).withoutHousekeeping().open()) {
      limited
          .sampler()
          .add(
              to -> {
                for (int i = 0; i < 5; i++) {
                  to.counter("c", "Help.", new String[] {"a"}, new String[] {"" + i}, 1);
                }
              });
      limited.sampler().sampleNow(LONG);
      assertEquals("c_total{a=\"0\",} 1.0\nc_total{a=\"1\",} 1.0", samples("c_"));
    }
  }

  @Test
  void givesANameToTheApplicationThatAsksForIt() throws Exception {
    worker.sampler().add(to -> to.counter("c", "Help.", new String[] {"a"}, new String[] {"x"}, 3));
    worker.sampler().sampleNow(LONG);
    Counter.build("c", "Help.").labelNames("a").worker(worker).create().labels("y").inc();
    assertEquals("c_total{a=\"y\",} 1.0", samples("c_"));
  }

  @Test
  void countsWhatASourceThrowsAndSamplesTheOthers() throws Exception {
    worker
        .sampler()
        .add(
            to -> {
              to.gauge("before", "Help.", NONE, NONE, 1);
              throw new StackOverflowError("on purpose");
            });
    worker.sampler().add(to -> to.gauge("other", "Help.", NONE, NONE, 1));
    assertEquals("other{worker=\"w\",} 1.0", samples("other"));
    assertEquals("before{worker=\"w\",} 1.0", samples("before"));
    assertTrue(samples("multiprom_sample_errors_total{source=\"").contains("SamplerTest\""));
  }

  @Test
  void waitsForNoSourceThatDoesNotReturn() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger others = new AtomicInteger();
    Counter own = Counter.build("own", "Help.").worker(worker).create();
    try {
      worker
          .sampler()
          .add(
              to -> {
                entered.countDown();
                awaitUninterrupted(release);
                to.gauge("late", "Help.", NONE, NONE, 1);
              });
      worker.sampler().add(to -> others.incrementAndGet());
      entered.await();
      own.inc();
      long start = System.nanoTime();
      assertEquals("own_total 1.0", Expositions.samples(shown, "own"));
      long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(tookMs < STUCK_MS - 500, tookMs + " ms");

      Await.until(
          "the other source",
          () -> {
            worker.tick();
            return others.get() > 2;
          });
      assertTrue(shown.getSampleValue("multiprom_sample_age_seconds") > 5);
    } finally {
      release.countDown();
    }
    Await.until("the late one", () -> samples("late").equals("late{worker=\"w\",} 1.0"));
  }

  @Test
  void waitsForNoAppenderThatDoesNotReturn() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Handler appender =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getMessage().contains("not sampled") && isSampler(Thread.currentThread())) {
              entered.countDown();
              awaitUninterrupted(release);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("io.github.multiprom");
    logger.addHandler(appender);
    AtomicInteger others = new AtomicInteger();
    try {
      worker.sampler().add(to -> to.refuse("appended", "quantile"));
      worker.sampler().add(to -> others.incrementAndGet());
      worker.sampler().add(to -> to.refuse("another", "quantile"));
      entered.await();
      Await.until(
          "the other source",
          () -> {
            worker.tick();
            return others.get() > 0;
          });
    } finally {
      release.countDown();
      logger.removeHandler(appender);
    }
  }

  private static boolean isSampler(Thread thread) {
    return thread.getName().equals("multiprom-sampler");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // As a source that nobody can stop.
      }
    }
  }

  @Test
  void mergesGaugesByPatternsOfTheirNames() throws Exception {
    try (Worker other =
        Workers.builder()
            .directory(directory)
            .gaugeModes("g*=LIVESUM,debug_*=off")
            .withoutHousekeeping()
            .open()) {
      other
          .sampler()
          .add(
              to -> {
                to.gauge("g", "Help.", NONE, NONE, 1);
                to.gauge("g2", "Help.", NONE, NONE, 2, GaugeMode.LIVEMAX);
                to.gauge("debug_g", "Help.", NONE, NONE, 3);
                to.counter("debug_c_total", "Help.", NONE, NONE, 3);
                to.gauge("system_cpu_count", "Help.", NONE, NONE, 4);
              });
      other.sampler().sampleNow(LONG);
      assertEquals("g 1.0\ng2 2.0", samples("g"));
      assertEquals("", samples("debug"));
      assertEquals("system_cpu_count 4.0", samples("system"));
    }
  }

  @Test
  void samplesWhenTheWorkerIsClosed() throws Exception {
    AtomicInteger total = new AtomicInteger(1);
    worker.sampler().add(to -> to.counter("c", "Help.", NONE, NONE, total.get()));
    worker.sampler().sampleNow(LONG);
    total.set(9);
    long start = System.nanoTime();
    worker.close();
    // As long as a close waits for the last sample.
    assumeTrue(System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(500));
    assertEquals("c_total 9.0", Expositions.samples(shown, "c_"));
  }

  @Test
  void samplesBeforeAScrapeAndSaysHowOldItIs() throws Exception {
    AtomicInteger passes = new AtomicInteger();
    worker.sampler().add(to -> to.counter("c", "Help.", NONE, NONE, passes.incrementAndGet()));
    worker.sampler().sampleNow(LONG);
    double age = shown.getSampleValue("multiprom_sample_age_seconds");
    assertTrue(age >= 0 && age < 10, "" + age);
    Await.until("more passes", () -> passes.get() > 2);
    assertTrue(shown.getSampleValue("c_total") >= 2);
  }

  @Test
  void goesOnInAnotherFile() throws Exception {
    AtomicInteger total = new AtomicInteger(3);
    worker.sampler().add(to -> to.counter("c", "Help.", NONE, NONE, total.get()));
    assertEquals("c_total 3.0", samples("c_"));
    for (Path file : files()) {
      java.nio.file.Files.delete(file);
    }
    for (int i = 0; i < 3; i++) {
      worker.tick();
    }
    assertNotNull(shown.getSampleValue("multiprom_sample_age_seconds"));
    total.set(5);
    assertEquals("c_total 5.0", samples("c_"));
  }

  private List<Path> files() throws Exception {
    try (var files = java.nio.file.Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".worker")).toList();
    }
  }
}
