package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.SampledWorkers;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.EpochClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads the sources of a worker now and then, and raises what its file holds to what they say.
 * Thread-safe.
 *
 * <p>Collectors see in the files what was sampled, merged over all workers. A worker that is killed
 * loses what its sources counted since they were sampled last; one that ends loses nothing.
 */
/* Mechanism: one thread, and nobody waits for a source.
 *
 * A thread of its own samples all sources, one after the other: when one is added, 0.1 and 0.3 s
 * later (a worker that lives for less than a second should leave something), and then each second,
 * or in the period that is set;
 * but a pass follows the last one only after a hundred times the time that one took, or 15 s. So
 * sampling takes at most a hundredth of a core. A scrape in this JVM asks for a pass, unless one
 * ended just before, and waits for 0.1 s at most.
 *
 * A source may not return: a gauge that waits for a pool, say. When one has taken 5 s, the worker's
 * housekeeping gives the other sources to another thread; the source is sampled again after it has
 * returned. Until then the time of the last whole pass in the worker file stays where it is.
 */
public final class Sampler {
  private static final String THREAD_NAME = "multiprom-sampler";

  private static final long SCRAPE_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long EXIT_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Then a source is left alone by the others. */
  static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * A source, and whether a thread is in it. Guarded by the sampler.
   *
   * <p>One that is removed stays for a pass that began after it: the one that runs may have shown a
   * gauge already.
   */
  static final class Entry {
    final SampledSource source;
    private boolean running;
    private volatile boolean removed;
    // Removed before the pass of this entry began.
    private boolean leaving;

    Entry(SampledSource source) {
      this.source = source;
    }

    boolean isRemoved() {
      return removed;
    }
  }

  private final Worker worker;
  // Null without a directory: what is added waits for a worker with one.
  private final SeriesPublisher publisher;
  private final Path directory;
  private final Runnable beforeScrape =
      new Runnable() {
        @Override
        public void run() {
          sampleBeforeScrape();
        }
      };
  private final List<Entry> entries = new ArrayList<>();
  // Null until there is a source.
  private SampledFamilies families;
  private Thread thread;
  private boolean stopped;
  private Entry current;
  private long currentSince;
  private final SamplingTimes times;
  private long passes;
  // Requests for a pass, and how many of them were made before the last whole pass began.
  private long requested;
  private long served;

  Sampler(Worker worker, SeriesPublisher publisher, Path directory, int periodSeconds) {
    this.worker = worker;
    this.publisher = publisher;
    this.directory = directory;
    times = new SamplingTimes(periodSeconds);
  }

  /**
   * Adds a source, which is sampled at once, in another thread, and then each second. Without a
   * directory nothing is sampled until a worker with one is opened in this JVM.
   */
  public void add(SampledSource source) {
    synchronized (this) {
      entries.add(new Entry(source));
      if (publisher == null || stopped) {
        return;
      }
      times.added(System.nanoTime());
      if (thread != null) {
        notifyAll();
        return;
      }
      if (families == null) {
        families = new SampledFamilies(worker, publisher);
        // Its age is seen although the first source may never return.
        publisher.noteSample(EpochClock.nowNanos());
        SampledWorkers.add(directory, beforeScrape);
      }
    }
    startThread();
  }

  private synchronized void startThread() {
    if (thread == null && !stopped) {
      try {
        Thread started = OwnThreads.make(this::run, THREAD_NAME);
        started.setDaemon(true);
        thread = started;
        started.start();
      } catch (OutOfMemoryError | SecurityException e) {
        thread = null;
        StoreLog.errorOnce(THREAD_NAME, "Nothing is sampled, as no thread can be started: " + e);
      }
    }
  }

  /** Removes a source: its gauges are shown no more, what it counted stays. */
  public synchronized void remove(SampledSource source) {
    for (Entry entry : entries) {
      if (entry.source == source) {
        entry.removed = true;
      }
    }
    if (publisher == null) {
      entries.removeIf(entry -> entry.removed);
    }
    requested++;
    notifyAll();
  }

  /**
   * Samples all sources, in the sampler's thread, and waits until that is done.
   *
   * @param maxWait the pass goes on after it
   */
  public void sampleNow(Duration maxWait) {
    sampleNow(maxWait.toNanos());
  }

  private synchronized void sampleNow(long maxWaitNanos) {
    if (thread == null || Thread.currentThread() == thread) {
      return;
    }
    long request = ++requested;
    notifyAll();
    long end = System.nanoTime() + maxWaitNanos;
    boolean interrupted = false;
    for (long left = maxWaitNanos; served < request && left > 0; left = end - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // An application that ends often interrupts its threads, and the last numbers count.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void sampleBeforeScrape() {
    synchronized (this) {
      long now = System.nanoTime();
      boolean isStuck = current != null && now - currentSince > SCRAPE_WAIT_NANOS;
      if (isStuck || times.isFresh(now)) {
        return;
      }
    }
    sampleNow(SCRAPE_WAIT_NANOS);
  }

  /** Goes on in another thread if this one does not come back from a source. */
  void tick() {
    String stuck = null;
    synchronized (this) {
      if (current != null && System.nanoTime() - currentSince > STUCK_NANOS && !stopped) {
        stuck = nameOf(current.source);
        current = null;
        thread = null;
      }
    }
    if (stuck != null) {
      StoreLog.warnOnce(
          "stuck " + stuck,
          stuck + " takes more than 5 s to be sampled; the other sources go on without it");
      startThread();
    }
  }

  private void run() {
    while (awaitDue()) {
      try {
        pass();
      } catch (RuntimeException | Error e) {
        // The next one may do better.
        StoreLog.errorOnce(THREAD_NAME + e.getClass(), "Sampling failed: " + e);
      }
    }
  }

  /** False if another thread goes on instead, or none. */
  private synchronized boolean awaitDue() {
    while (Thread.currentThread() == thread && !stopped) {
      long left = times.untilDue(System.nanoTime());
      if (left <= 0 || requested != served) {
        return true;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // Of a source. Only the sampler ends this thread.
      }
    }
    return false;
  }

  private void pass() {
    long start = System.nanoTime();
    List<Entry> all;
    long request;
    long number;
    synchronized (this) {
      all = List.copyOf(entries);
      request = requested;
      number = ++passes;
      times.began(start);
    }
    boolean isWhole = true;
    for (Entry entry : all) {
      if (begin(entry)) {
        try {
          sample(entry, number);
        } finally {
          end(entry);
        }
      } else {
        isWhole = false;
      }
    }
    synchronized (this) {
      if (Thread.currentThread() != thread) {
        return;
      }
      served = request;
      times.ended(start, System.nanoTime());
      notifyAll();
    }
    if (isWhole) {
      publisher.noteSample(EpochClock.nowNanos());
    }
  }

  private synchronized boolean begin(Entry entry) {
    if (Thread.currentThread() != thread || entry.running) {
      return false;
    }
    entry.running = true;
    entry.leaving = entry.removed;
    current = entry;
    currentSince = System.nanoTime();
    return true;
  }

  private synchronized void end(Entry entry) {
    entry.running = false;
    if (Thread.currentThread() == thread) {
      current = null;
    }
    if (entry.leaving) {
      entries.remove(entry);
    }
  }

  private void sample(Entry entry, long number) {
    // An appender of the application may not return, as a source.
    StoreLog.hold();
    try {
      ask(entry, number);
      Thread.interrupted();
      families.withdrawAllBut(number, entry);
    } finally {
      StoreLog.release();
    }
  }

  private void ask(Entry entry, long number) {
    try {
      if (!entry.leaving) {
        SamplingPass pass = new SamplingPass(families, entry, number);
        SampledWorkers.runSource(() -> entry.source.sample(pass));
      }
    } catch (Throwable e) {
      // Whatever it is, the other sources go on.
      families.noteError(nameOf(entry.source), e);
    }
  }

  /** A name that is the same in all workers, without what a JVM appends to that of a lambda. */
  private static String nameOf(SampledSource source) {
    Class<?> type = source.getClass();
    if (source instanceof CollectorSource collector) {
      type = collector.collector().getClass();
    } else if (source instanceof CallbackSource callback) {
      type = callback.childClass();
    }
    String name = type.getName();
    int lambda = name.indexOf("$$Lambda");
    return lambda < 0 ? name : name.substring(0, lambda);
  }

  /** Gives what was added to a worker with a directory. */
  synchronized void moveTo(Sampler other) {
    entries.forEach(entry -> other.add(entry.source));
    entries.clear();
  }

  /** Samples for the last time, as the JVM ends. */
  void sampleAtExit() {
    sampleNow(EXIT_WAIT_NANOS);
  }

  /** Samples for the last time and ends the thread. */
  void close() {
    sampleAtExit();
    synchronized (this) {
      stopped = true;
      thread = null;
      notifyAll();
    }
    if (publisher != null) {
      SampledWorkers.remove(directory, beforeScrape);
    }
  }
}
