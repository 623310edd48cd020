package io.github.multiprom.internal.cell;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;

import io.github.multiprom.internal.file.WorkerFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The shared lanes of one page, for threads without a block of their own. Thread-safe. */
/* Mechanism: a page begins with one shared lane, lane 0, and gets more where threads meet often
 * enough, so that threads that count now and then cost one block. Each thread has a first choice by
 * its id and takes the next lane where that one is taken.
 *
 * A counter is added to with a compare-and-set. Its cells need no lock.
 *
 * An observation is several stores, so it takes the monitor of the lane. Inside are these stores
 * alone: nothing that locks, waits or fails, but for the end of the stack. A lock that is released
 * by code, as any but a monitor is, would be held forever after a StackOverflowError in between.
 * Such an error may leave the parity of a distribution behind its buckets. So the lane notes which
 * distribution is being written; the next writer that finds it noted makes its parity right again.
 * A kill releases nothing and needs nothing released: the monitor is not in the file.
 *
 * The same note tells other threads, which read it without the monitor, that the lane is taken.
 */
final class SharedLanes {
  private static final int MAX_BITS = 4;

  /** Most shared lanes of a page. */
  static final int MAX = 1 << MAX_BITS;

  /** There are twice as many lanes after so many meetings within {@link #WINDOW_NANOS}. */
  private static final int MEETINGS = 64;

  private static final long WINDOW_NANOS = 100_000_000;

  /** One thread in so many waits for its lane and does not look for another: see above. */
  private static final int MEETINGS_TO_WAIT = 8;

  private final WorkerFile file;
  private final WorkerFile.Page page;
  private final int ownLanes;
  private final ByteBuffer firstBytes;

  // Their number is a power of two.
  private volatile SharedLane[] lanes;
  // The next ones, of which the last are missing while there is no space.
  private SharedLane[] nextLanes;

  // Racy: only how soon there are more lanes depends on them.
  private boolean isNoted;
  private int meetings;
  private long windowStartNanos = System.nanoTime();

  /** A block that several threads write; its monitor is for observations. */
  private static final class SharedLane {
    final ByteBuffer bytes;
    final DoubleBuffer cells;

    /** What is being written, or was when the stack ended; null for none. */
    WrittenCells written;

    SharedLane(ByteBuffer bytes) {
      this.bytes = bytes;
      this.cells = bytes.asDoubleBuffer();
    }
  }

  /**
   * The shared lanes of a page.
   *
   * @param ownLanes how many numbers are for lanes that threads have of their own
   */
  SharedLanes(WorkerFile file, WorkerFile.Page page, int ownLanes) {
    this.file = file;
    this.page = page;
    this.ownLanes = ownLanes;
    firstBytes = page.shared;
    lanes = new SharedLane[] {new SharedLane(firstBytes)};
  }

  /** Adds to a counter's cell. */
  void add(int cell, double amount) {
    noteUse();
    SharedLane[] all = lanes;
    if (all.length == 1) {
      // Without what leads to the lane: no load begins before a compare-and-set has ended, so each
      // that leads to the next one counts.
      while (!SharedCells.tryAdd(firstBytes, cell * CELL_LENGTH, amount)) {
        noteMeeting(all);
      }
      return;
    }
    int choice = Lanes.choiceOf(Thread.currentThread(), MAX_BITS);
    while (!SharedCells.tryAdd(all[choice & (all.length - 1)].bytes, cell * CELL_LENGTH, amount)) {
      choice++;
      noteMeeting(all);
    }
  }

  /** Makes an observation. */
  void observe(LaneDistribution distribution, int bucket, double value) {
    noteUse();
    SharedLane lane = laneToLock();
    synchronized (lane) {
      enter(lane, distribution);
      distribution.write(lane.cells, bucket, value);
      lane.written = null;
    }
  }

  /** Makes equal observations. */
  void observe(LaneDistribution distribution, int bucket, double value, long times) {
    noteUse();
    SharedLane lane = laneToLock();
    synchronized (lane) {
      enter(lane, distribution);
      distribution.write(lane.cells, bucket, value, times);
      lane.written = null;
    }
  }

  /** Adds several observations. */
  void addAll(LaneDistribution distribution, double[] sumAndBuckets) {
    noteUse();
    addAll(laneToLock(), distribution, sumAndBuckets);
  }

  /** Adds several observations of a native histogram. */
  void addAll(LaneNative histogram, double[] numbers) {
    noteUse();
    addAll(lanes[0], histogram, numbers);
  }

  private static void addAll(SharedLane lane, WrittenCells written, double[] numbers) {
    synchronized (lane) {
      enter(lane, written);
      written.addAll(lane.cells, numbers);
      lane.written = null;
    }
  }

  /**
   * Makes observations of a native histogram, an odd number, which add up to a sum. Its page has
   * one shared lane, that which pages of chunks have, too.
   */
  void observe(LaneNative histogram, DoubleBuffer cells, int cell, double sum, long times) {
    noteUse();
    SharedLane lane = lanes[0];
    synchronized (lane) {
      enter(lane, histogram);
      histogram.write(lane.cells, cells, cell, sum, times);
      lane.written = null;
    }
  }

  private static void enter(SharedLane lane, WrittenCells distribution) {
    if (lane.written != null) {
      lane.written.mendParity(lane.cells);
    }
    lane.written = distribution;
  }

  private SharedLane laneToLock() {
    SharedLane[] all = lanes;
    int mask = all.length - 1;
    int choice = Lanes.choiceOf(Thread.currentThread(), MAX_BITS);
    SharedLane first = all[choice & mask];
    if (first.written == null) {
      return first;
    }
    noteMeeting(all);
    for (int i = 1; i < all.length && meetings % MEETINGS_TO_WAIT != 0; i++) {
      SharedLane next = all[(choice + i) & mask];
      if (next.written == null) {
        return next;
      }
    }
    return first;
  }

  private void noteUse() {
    if (!isNoted) {
      file.noteSharedLane();
      isNoted = true;
    }
  }

  private void noteMeeting(SharedLane[] seen) {
    meetings++;
    if (seen.length < MAX && meetings % MEETINGS == 0) {
      long now = System.nanoTime();
      if (now - windowStartNanos < WINDOW_NANOS) {
        lengthen(seen);
      }
      windowStartNanos = now;
    }
  }

  /** Makes as many lanes more as there are. */
  private synchronized void lengthen(SharedLane[] seen) {
    if (lanes != seen) {
      return;
    }
    try {
      if (nextLanes == null || nextLanes.length == seen.length) {
        nextLanes = Arrays.copyOf(seen, 2 * seen.length);
      }
      for (int i = seen.length; i < nextLanes.length; i++) {
        if (nextLanes[i] == null) {
          nextLanes[i] = new SharedLane(file.addBlock(ownLanes + i, page));
        }
      }
      lanes = nextLanes;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // No space: threads go on meeting.
    }
  }

  /** The sum of a counter's cell. */
  double sum(int cell) {
    double sum = 0;
    for (SharedLane lane : lanes) {
      sum += Cells.getOrdered(lane.cells, cell);
    }
    return sum;
  }

  /** The cells of lane 0. */
  DoubleBuffer first() {
    return lanes[0].cells;
  }

  /** Their blocks. */
  List<DoubleBuffer> blocks() {
    List<DoubleBuffer> blocks = new ArrayList<>();
    for (SharedLane lane : lanes) {
      blocks.add(lane.cells);
    }
    return blocks;
  }
}
