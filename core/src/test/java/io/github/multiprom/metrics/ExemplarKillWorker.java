package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/**
 * Workers, each of a thread, that give exemplars and change states as fast as they can until
 * somebody kills the process.
 */
final class ExemplarKillWorker {
  static final double[] BOUNDS = {1, 2, 4};
  static final String[] STATES = {"a", "b", "c", "d", "e"};

  private final Counter counter;
  private final Histogram histogram;
  private final Enumeration all;
  private final Enumeration live;
  private final Enumeration recent;
  private final Random random = new Random();

  private ExemplarKillWorker(Path directory, String name) {
    Worker worker =
        Worker.builder()
            .directory(directory)
            .name(name)
            .store(StoreUnderTest.KIND.settingName())
            .open();
    counter = Counter.build("c", "Help.").worker(worker).create();
    histogram = Histogram.build("h", "Help.").buckets(BOUNDS).worker(worker).create();
    all =
        Enumeration.build("all", "Help.")
            .mode(GaugeMode.ALL)
            .states(STATES)
            .worker(worker)
            .create();
    live = Enumeration.build("live", "Help.").states(STATES).worker(worker).create();
    recent =
        Enumeration.build("recent", "Help.")
            .mode(GaugeMode.MOSTRECENT)
            .states(STATES)
            .worker(worker)
            .create();
  }

  /**
   * Arguments: the directory, and how many workers. Prints a line when they are ready; they begin
   * when it is sent a byte.
   */
  public static void main(String[] arguments) throws IOException {
    Thread[] threads = new Thread[Integer.parseInt(arguments[1])];
    for (int i = 0; i < threads.length; i++) {
      String name = ProcessHandle.current().pid() + "-" + i;
      ExemplarKillWorker worker = new ExemplarKillWorker(Path.of(arguments[0]), name);
      worker.round();
      threads[i] = new Thread(worker::run);
    }
    System.out.println("ready");
    System.in.read();
    for (Thread thread : threads) {
      thread.start();
    }
  }

  private void run() {
    while (true) {
      round();
    }
  }

  /** The labels say what the value is; some are so long that a slot must be. */
  private void round() {
    double value = random.nextInt(80) / 10.0;
    String padding = "x".repeat(random.nextInt(100));
    histogram.observeWithExemplar(value, "value", "" + value, "padding", padding);
    counter.incWithExemplar(value, "value", "" + value, "padding", padding);
    String state = STATES[random.nextInt(STATES.length)];
    all.state(state);
    live.state(state);
    recent.state(state);
  }
}
