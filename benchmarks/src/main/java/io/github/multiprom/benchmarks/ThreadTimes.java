package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleConsumer;

/**
 * Times increments and observations by 1, 2 and 64 threads, platform and virtual ones, after 20
 * other threads have counted once and live on. Threads of a pool on few processors are what JMH
 * does not run; and virtual threads that never let others run would hang it.
 */
public final class ThreadTimes {
  private static final int[] THREADS = {1, 2, 64};
  private static final int EARLIER_THREADS = 20;
  private static final int BATCH = 1_000;
  private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int FIRST_VIRTUAL_JDK = 21;

  private enum Client {
    SIMPLECLIENT,
    PROMETHEUS_METRICS,
    MULTIPROM
  }

  private ThreadTimes() {}

  /**
   * Starts JVMs in turn and prints, for each operation, kind and number of threads, the medians of
   * the nanoseconds per operation and processor, and the ratio to simpleclient.
   *
   * @param args how many rounds; or, in the JVMs that are timed, a client and the kind of threads
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      measure(Client.valueOf(args[0]), args[1].equals("virtual"));
      return;
    }
    List<String> kinds =
        Runtime.version().feature() < FIRST_VIRTUAL_JDK
            ? List.of("platform")
            : List.of("platform", "virtual");
    Map<String, Map<Client, List<Double>>> results = new TreeMap<>();
    for (int round = Integer.parseInt(args[0]); round > 0; round--) {
      for (String kind : kinds) {
        for (Client client : Client.values()) {
          run(client, kind, results);
        }
      }
    }
    System.out.printf("%-24s", "ns, median of " + args[0]);
    for (Client client : Client.values()) {
      System.out.printf(" %20s", client);
    }
    System.out.println("   ratio");
    results.forEach(ThreadTimes::print);
  }

  private static void print(String row, Map<Client, List<Double>> byClient) {
    System.out.printf("%-24s", row);
    for (List<Double> times : byClient.values()) {
      System.out.printf(" %20.1f", median(times));
    }
    System.out.printf(
        " %7.2f%n",
        median(byClient.get(Client.MULTIPROM)) / median(byClient.get(Client.SIMPLECLIENT)));
  }

  private static double median(List<Double> times) {
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void run(
      Client client, String kind, Map<String, Map<Client, List<Double>>> results)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ThreadTimes.class.getName(), client.name(), kind));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines = process.inputReader().lines().toList();
    if (process.waitFor() != 0 || lines.isEmpty()) {
      throw new IOException("failed: " + command);
    }
    for (String line : lines) {
      int space = line.lastIndexOf(' ');
      results
          .computeIfAbsent(line.substring(0, space), row -> new TreeMap<>())
          .computeIfAbsent(client, key -> new ArrayList<>())
          .add(Double.parseDouble(line.substring(space + 1)));
    }
  }

  private static void measure(Client client, boolean virtual) throws Exception {
    try (MetricsFolder folder = new MetricsFolder()) {
      DoubleConsumer[] operations = operations(client, folder);
      CountDownLatch counted = new CountDownLatch(EARLIER_THREADS);
      CountDownLatch end = new CountDownLatch(1);
      for (int i = 0; i < EARLIER_THREADS; i++) {
        Thread earlier =
            new Thread(
                () -> {
                  Arrays.stream(operations).forEach(operation -> operation.accept(1));
                  counted.countDown();
                  awaitQuietly(end);
                });
        earlier.setDaemon(true);
        earlier.start();
      }
      counted.await();
      String kind = virtual ? "virtual" : "platform";
      for (int i = 0; i < operations.length; i++) {
        String name = i == 0 ? "inc" : "observe";
        time(operations[i], 1, WARM_UP_NANOS, virtual);
        for (int threads : THREADS) {
          time(operations[i], threads, NANOS, virtual);
          double nanos = time(operations[i], threads, NANOS, virtual);
          System.out.printf("%s %s %02d %.3f%n", name, kind, threads, nanos);
        }
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static DoubleConsumer[] operations(Client client, MetricsFolder folder)
      throws IOException {
    switch (client) {
      case SIMPLECLIENT -> {
        var counter = io.prometheus.client.Counter.build("c", "Help.").create();
        var histogram = io.prometheus.client.Histogram.build("h", "Help.").create();
        return new DoubleConsumer[] {value -> counter.inc(), histogram::observe};
      }
      case PROMETHEUS_METRICS -> {
        var counter =
            io.prometheus.metrics.core.metrics.Counter.builder()
                .name("c")
                .withoutExemplars()
                .build();
        var histogram =
            io.prometheus.metrics.core.metrics.Histogram.builder()
                .name("h")
                .classicOnly()
                .withoutExemplars()
                .build();
        return new DoubleConsumer[] {value -> counter.inc(), histogram::observe};
      }
      case MULTIPROM -> {
        Worker worker = folder.openWorker("mapped");
        Counter counter = Counter.build("c", "Help.").worker(worker).create();
        Histogram histogram = Histogram.build("h", "Help.").worker(worker).create();
        return new DoubleConsumer[] {value -> counter.inc(), histogram::observe};
      }
      default -> throw new IllegalArgumentException(client.name());
    }
  }

  /** Nanoseconds per operation and processor in use. */
  private static double time(DoubleConsumer operation, int threads, long nanos, boolean virtual)
      throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    LongAdder operations = new LongAdder();
    Runnable work =
        () -> {
          long done = 0;
          while (!stopped.get()) {
            for (int i = 0; i < BATCH; i++) {
              operation.accept(0.01 * (i & 127));
            }
            done += BATCH;
            if (virtual) {
              Thread.yield();
            }
          }
          operations.add(done);
        };
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(virtual ? virtualThread(work) : new Thread(work));
    }
    long start = System.nanoTime();
    all.forEach(Thread::start);
    TimeUnit.NANOSECONDS.sleep(nanos);
    stopped.set(true);
    for (Thread thread : all) {
      thread.join();
    }
    int processors = Math.min(threads, Runtime.getRuntime().availableProcessors());
    return (double) (System.nanoTime() - start) * processors / operations.sum();
  }

  /** By reflection: the benchmarks are compiled for JDK 17. */
  private static Thread virtualThread(Runnable work) throws Exception {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (Thread)
          Class.forName("java.lang.Thread$Builder")
              .getMethod("unstarted", Runnable.class)
              .invoke(builder, work);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }
}
