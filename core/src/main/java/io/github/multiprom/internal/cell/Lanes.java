package io.github.multiprom.internal.cell;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.os.VirtualThreads;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Which thread writes which lane of one incarnation. Thread-safe. */
/* Mechanism: a thread with a lane of its own counts with a plain load, addition and store; threads
 * that share a lane need an atomic instruction or a lock. But each lane takes memory and time of
 * scrapes. So a thread gets what it uses:
 *
 * 1. It begins in a shared lane (SharedLanes) and counts how often it updates each page. After
 *    4,096 updates of a page it gets a block of its own there, and with the first one a lane, if
 *    fewer threads than maxLanes have one. Else it asks again after as many updates. So 200 threads
 *    that touch each series once take no lane.
 * 2. The very first thread gets a lane, and its blocks, at once. It is the one of a batch job, and
 *    of a start: linking the first atomic instruction takes a cold JVM longer than all else of its
 *    first increment.
 * 3. Virtual threads always share: they are many and short, and each would take a place here.
 *
 * A lane belongs to one thread at a time. When that thread has ended, the next thread that has
 * earned one takes it over as it is: cells only add up, so nothing needs to be reset. That a thread
 * is seen ended happens after all that it did.
 *
 * A thread finds its lane in one static table, which all incarnations share. Static, because the
 * compiler then treats its address as a constant: an increment takes a third less. A thread local
 * would cost as much again, some pools erase thread locals, and it would keep an application's
 * class loader as long as the thread lives. The place in the table comes from the thread's id and
 * from a number of the incarnation, so that the threads of two workers in one JVM do not meet. Two
 * places are looked at first; an entry in another one moves there when there is room.
 *
 * The table is written in its monitor and read without it. That is safe: a thread only uses an
 * entry whose owner is itself, and it wrote that entry. A stale view of another thread's entry
 * fails the check of the owner.
 */
public final class Lanes {
  /** Most lanes of their own that threads may have at a time: the shared ones have numbers, too. */
  public static final int MOST_LANES = WorkerFileLayout.MAX_LANE - SharedLanes.MAX;

  /** A thread has earned a block after so many updates of a page. */
  static final int UPDATES_FOR_A_BLOCK = 4096;

  private static final int TABLE_BITS = 11;
  private static final int PROBES = 8;
  private static final int FIRST_PROBES = 2;

  /** Spreads consecutive numbers evenly: Knuth, The Art of Computer Programming, volume 3, 6.4. */
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  /** Puts the places of a thread for two incarnations far from one another. */
  private static final long INCARNATION_STEP = 0xD1B5_4A32_D192_ED03L;

  private static final Lane[] TABLE = new Lane[1 << TABLE_BITS];
  private static final AtomicLong INCARNATIONS = new AtomicLong();

  private static final DoubleBuffer[] NO_BLOCKS = {};
  private static final int[] NO_UPDATES = {};

  private final WorkerFile file;
  private final int maxLanes;
  private final long salt = INCARNATIONS.getAndIncrement() * INCARNATION_STEP;

  // Index 0 stands for lane 1: lane 0 has no owner.
  private final List<Lane> lanes = new ArrayList<>();
  // By page.
  private SharedLanes[] shared = {};
  private boolean hadFirst;
  private volatile boolean closed;

  /**
   * The lanes of a file.
   *
   * @param maxLanes how many threads at a time may have one of their own
   */
  public Lanes(WorkerFile file, int maxLanes) {
    this.file = file;
    this.maxLanes = maxLanes;
  }

  /**
   * A thread, and the lane that it has. The reference is weak: an entry must not keep an ended
   * thread, nor what that refers to. A live thread is always reachable.
   */
  static final class Lane extends WeakReference<Thread> {
    private final Lanes home;

    // Written by the owner, in the monitor of the lanes. No number: the thread shares.
    private int number = WorkerFileLayout.SHARED_LANE;
    // By page.
    private DoubleBuffer[] blocks = NO_BLOCKS;

    // The owner's alone.
    private boolean isFirst;
    // By page, since the thread last asked for a block there.
    private int[] updates = NO_UPDATES;

    private Lane(Lanes home, Thread owner) {
      super(owner);
      this.home = home;
    }

    /** Whether the owner has ended; this happens after everything that it did. */
    private boolean isFree() {
      Thread owner = get();
      return owner == null || !owner.isAlive();
    }

    /** Counts an update of a page; true if the thread has earned a block there. */
    private boolean earns(int page) {
      if (isFirst) {
        return true;
      }
      if (page >= updates.length) {
        updates = Arrays.copyOf(updates, Math.max(4, 2 * page));
      }
      if (++updates[page] < UPDATES_FOR_A_BLOCK) {
        return false;
      }
      updates[page] = 0;
      return true;
    }

    /** The thread's own block of a page, for itself; null if it has none. */
    DoubleBuffer block(int page) {
      DoubleBuffer[] all = blocks;
      return page < all.length ? all[page] : null;
    }
  }

  /** Where in the table a thread is looked for first. */
  int firstPlace(Thread thread) {
    return (int) ((thread.getId() * GOLDEN + salt) >>> (Long.SIZE - TABLE_BITS));
  }

  /**
   * The calling thread's own block of a page; null if it has none, or is not in one of the first
   * places of the table.
   *
   * <p>The hot path of every increment.
   */
  DoubleBuffer ownBlock(int page) {
    Thread thread = Thread.currentThread();
    int place = firstPlace(thread);
    Lane lane = TABLE[place];
    if (lane == null || !lane.refersTo(thread) || lane.home != this) {
      lane = TABLE[place ^ 1];
      if (lane == null || !lane.refersTo(thread) || lane.home != this) {
        return null;
      }
    }
    DoubleBuffer[] blocks = lane.blocks;
    return page < blocks.length ? blocks[page] : null;
  }

  /**
   * Whether the calling thread never has a block, nor earns one. What such a thread does is short
   * enough for the code of each increment, as {@link #update} is not.
   */
  static boolean alwaysShares() {
    return VirtualThreads.isVirtual(Thread.currentThread());
  }

  /** As {@link #ownBlock}, the lane; null where that would be null for any page. */
  Lane ownLane() {
    Thread thread = Thread.currentThread();
    int place = firstPlace(thread);
    Lane lane = TABLE[place];
    if (lane == null || !lane.refersTo(thread) || lane.home != this) {
      lane = TABLE[place ^ 1];
      if (lane == null || !lane.refersTo(thread) || lane.home != this) {
        return null;
      }
    }
    return lane;
  }

  /**
   * The calling thread's own block of a page; null if it has none and has earned none with this
   * update. Never throws.
   */
  DoubleBuffer earnedBlock(WorkerFile.Page page) {
    return update(page, null, null, 0, 0);
  }

  /**
   * Adds to a counter, or makes an observation, for a thread that found no {@link #ownBlock}: in a
   * block of its own if it has one or has earned one with this update, else in a shared lane. Never
   * throws.
   *
   * @param shared null for one that only asks for the block
   * @param distribution null for a counter
   * @param index the counter's cell in the page, or the bucket
   * @return the block of its own; null if it has none
   */
  /* One long method on purpose. While threads earn their lanes this is the usual path. A compiler
   * that found it short enough (325 bytes of byte code) would put it into each increment, which
   * would then be too long itself for the code that counts: 9 instead of 3 ns, for good.
   */
  DoubleBuffer update(
      WorkerFile.Page page,
      SharedLanes shared,
      LaneDistribution distribution,
      int index,
      double value) {
    Lane lane = null;
    DoubleBuffer block = null;
    try {
      Thread thread = Thread.currentThread();
      if (!VirtualThreads.isVirtual(thread)) {
        // Its entry, which moves to one of the first places as soon as it can.
        int firstPlace = firstPlace(thread);
        for (int i = 0; i < PROBES && lane == null; i++) {
          Lane there = TABLE[firstPlace ^ i];
          if (there != null && there.home == this && there.refersTo(thread)) {
            lane = there;
            if (i >= FIRST_PROBES) {
              moveForward(lane, firstPlace, firstPlace ^ i);
            }
          }
        }
        // Or a new one.
        if (lane == null && !closed) {
          Lane entry = new Lane(this, thread);
          synchronized (TABLE) {
            for (int i = 0; i < PROBES && lane == null && !closed; i++) {
              Lane before = TABLE[firstPlace ^ i];
              if (before == null || before.isFree()) {
                lane = entry;
                lane.isFirst = !hadFirst;
                hadFirst = true;
                TABLE[firstPlace ^ i] = lane;
              }
            }
          }
        }
        if (lane != null) {
          block = lane.block(page.index);
          if (block == null && lane.earns(page.index)) {
            if (lane.number == WorkerFileLayout.SHARED_LANE && !takeLane(lane)) {
              lane.isFirst = false;
            } else {
              // With a lane come the blocks of the thread that had it before.
              block = lane.block(page.index);
              if (block == null) {
                block = file.addBlock(lane.number, page).asDoubleBuffer();
                setBlock(lane, page.index, block);
              }
            }
          }
        }
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // It shares, and asks again after as many updates.
      block = null;
      if (lane != null) {
        lane.isFirst = false;
      }
    }
    if (shared == null) {
      return block;
    }
    if (distribution == null && block != null) {
      LaneCounter.add(block, index, value);
    } else if (distribution == null) {
      shared.add(index, value);
    } else if (block != null) {
      distribution.write(block, index, value);
    } else {
      shared.observe(distribution, index, value);
    }
    return block;
  }

  private void moveForward(Lane lane, int firstPlace, int place) {
    for (int i = 0; i < FIRST_PROBES; i++) {
      Lane before = TABLE[firstPlace ^ i];
      if (before == null || before.isFree()) {
        synchronized (TABLE) {
          // Unless another thread, or close(), was faster.
          if (TABLE[firstPlace ^ i] == before && TABLE[place] == lane) {
            TABLE[firstPlace ^ i] = lane;
            TABLE[place] = null;
          }
        }
        return;
      }
    }
  }

  /** Gives a thread a lane that is free or may be made; false if there is none. */
  private synchronized boolean takeLane(Lane lane) {
    int number = 1;
    while (number <= lanes.size() && !isFor(lane, lanes.get(number - 1))) {
      number++;
    }
    if (closed || number > maxLanes) {
      return false;
    }
    if (number > lanes.size()) {
      lanes.add(lane);
    } else {
      lane.blocks = lanes.get(number - 1).blocks;
      lanes.set(number - 1, lane);
    }
    lane.number = number;
    return true;
  }

  /** Whether a lane is free, or was the thread's before a stack overflow cut that short. */
  private static boolean isFor(Lane lane, Lane other) {
    return other == lane || other.isFree();
  }

  private synchronized void setBlock(Lane own, int page, DoubleBuffer block) {
    if (page >= own.blocks.length) {
      own.blocks = Arrays.copyOf(own.blocks, Math.max(4, 2 * page));
    }
    own.blocks[page] = block;
  }

  /** The shared lanes of a page. */
  synchronized SharedLanes shared(WorkerFile.Page page) {
    if (page.index >= shared.length) {
      shared = Arrays.copyOf(shared, Math.max(4, 2 * page.index));
    }
    if (shared[page.index] == null) {
      shared[page.index] = new SharedLanes(file, page, maxLanes);
    }
    return shared[page.index];
  }

  /** The sum of a cell over all lanes that threads have had of their own. */
  synchronized double sum(int page, int cell) {
    double sum = 0;
    for (int i = 0; i < lanes.size(); i++) {
      DoubleBuffer block = lanes.get(i).block(page);
      if (block != null) {
        sum += Cells.getOrdered(block, cell);
      }
    }
    return sum;
  }

  /** A lane's block of a page, for any thread; null if it has none. */
  synchronized DoubleBuffer blockOf(Lane lane, int page) {
    return lane.block(page);
  }

  /** The lanes that threads have had of their own. */
  synchronized List<Lane> owned() {
    return new ArrayList<>(lanes);
  }

  /** The blocks that all lanes have in a page, the shared ones too. */
  synchronized List<DoubleBuffer> blocksOf(WorkerFile.Page page) {
    List<DoubleBuffer> found = shared(page).blocks();
    for (Lane lane : lanes) {
      DoubleBuffer block = lane.block(page.index);
      if (block != null) {
        found.add(block);
      }
    }
    return found;
  }

  /** Which shared lane is a thread's first choice: a number of so many bits. */
  static int choiceOf(Thread thread, int bits) {
    return (int) ((thread.getId() * GOLDEN) >>> (Long.SIZE - bits));
  }

  /** Makes room in the table; threads that go on share. */
  public void close() {
    closed = true;
    synchronized (TABLE) {
      for (int i = 0; i < TABLE.length; i++) {
        if (TABLE[i] != null && TABLE[i].home == this) {
          TABLE[i] = null;
        }
      }
    }
  }
}
