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

/**
 * Which thread writes which lane of one incarnation. Thread-safe.
 *
 * <p>A lane belongs to one thread at a time. When that thread has ended, the next thread without a
 * lane takes it over as it is: its cells only ever add up, so nothing needs to be reset.
 *
 * <p>Lanes are found by thread id in one small static table, which all incarnations share. Static,
 * because the compiler then treats its address as a constant: an increment takes a third less. A
 * thread local would cost as much again, some pools erase thread locals, and it would keep an
 * application's class loader as long as the thread lives.
 */
public final class Lanes {
  private static final int TABLE_LENGTH = 512;
  private static final int TABLE_MASK = TABLE_LENGTH - 1;
  private static final int PROBES = 8;

  /** A thread without a lane, or without space for a block, retries after this many writes. */
  private static final int WRITES_BETWEEN_CLAIMS = 4096;

  private static final DoubleBuffer[] NO_BLOCKS = {};

  /* Written in its monitor and read without it. That is safe: a thread only uses an entry whose
   * owner is itself, and it wrote that entry. A stale view of another thread's entry fails the
   * check of the owner. */
  private static final Lane[] TABLE = new Lane[TABLE_LENGTH];

  private final int maxLanes;

  // Index 0 stands for lane 1: lane 0 has no owner.
  private final List<Lane> lanes = new ArrayList<>();
  // Racy: threads that found no place in the table come by here.
  private int writesWithoutPlace;
  private volatile boolean closed;

  public Lanes(int maxLanes) {
    this.maxLanes = maxLanes;
  }

  /**
   * A lane in the hands of one thread. The reference is weak: a lane must not keep an ended thread,
   * nor what that refers to. A live thread is always reachable.
   */
  static final class Lane extends WeakReference<Thread> {
    /** {@link WorkerFileLayout#SHARED_LANE} if the thread found every lane taken. */
    final int number;

    private final Lanes home;

    // By page; written by the owner under the monitor of the lanes.
    private DoubleBuffer[] blocks;
    // The owner's alone.
    private boolean shares;
    private int writesWhileSharing;

    private Lane(Lanes home, Thread owner, int number, DoubleBuffer[] blocks) {
      super(owner);
      this.home = home;
      this.number = number;
      this.blocks = blocks;
      this.shares = number == WorkerFileLayout.SHARED_LANE;
    }

    /** Whether the owner has ended; this happens after everything that it did. */
    private boolean isFree() {
      Thread owner = get();
      return owner == null || !owner.isAlive();
    }

    DoubleBuffer block(int page) {
      DoubleBuffer[] all = blocks;
      return page < all.length ? all[page] : null;
    }
  }

  /**
   * The calling thread's block of a page; null if it has none, or none yet, or its lane is not in
   * the first place of the table where it could be.
   *
   * <p>The hot path of every increment.
   */
  DoubleBuffer ownBlock(int page) {
    Thread thread = Thread.currentThread();
    Lane lane = TABLE[(int) thread.getId() & TABLE_MASK];
    if (lane != null && lane.home == this && lane.refersTo(thread)) {
      DoubleBuffer[] blocks = lane.blocks;
      if (page < blocks.length) {
        return blocks[page];
      }
    }
    return null;
  }

  /**
   * The calling thread's block of a page, made if need be; null if the thread must use the shared
   * one. The slow path of an increment: never throws.
   */
  DoubleBuffer claimBlock(WorkerFile file, WorkerFile.Page page) {
    Lane lane = null;
    try {
      lane = claim();
      if (lane == null) {
        return null;
      }
      DoubleBuffer block = lane.block(page.index);
      if (block == null) {
        block = file.addBlock(lane.number, page).asDoubleBuffer();
        setBlock(lane, page.index, block);
      }
      return block;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      if (lane != null) {
        share(lane);
      }
      return null;
    }
  }

  /** The calling thread's lane, which it is given if it can have one; null if it must share. */
  Lane claim() {
    Thread thread = Thread.currentThread();
    int slot = (int) thread.getId() & TABLE_MASK;
    Lane lane = find(thread, slot);
    if (lane == null) {
      boolean waits = ++writesWithoutPlace % WRITES_BETWEEN_CLAIMS != 1;
      if (closed || VirtualThreads.isVirtual(thread) || (waits && placeFor(thread, slot) < 0)) {
        return null;
      }
      lane = take(thread, slot);
    } else if (lane.shares) {
      if (++lane.writesWhileSharing % WRITES_BETWEEN_CLAIMS != 0) {
        return null;
      }
      lane.shares = false;
      lane = lane.number == WorkerFileLayout.SHARED_LANE ? take(thread, slot) : lane;
    }
    return lane == null || lane.number == WorkerFileLayout.SHARED_LANE ? null : lane;
  }

  private Lane find(Thread thread, int slot) {
    for (int i = 0; i < PROBES; i++) {
      Lane lane = TABLE[(slot + i) & TABLE_MASK];
      if (lane != null && lane.home == this && lane.refersTo(thread)) {
        return lane;
      }
    }
    return null;
  }

  /** Makes the calling thread share for a while, although it owns the lane. */
  void share(Lane own) {
    own.shares = true;
  }

  private synchronized Lane take(Thread thread, int slot) {
    synchronized (TABLE) {
      int place = placeFor(thread, slot);
      if (place < 0 || closed) {
        return null;
      }
      Lane lane = newLane(thread);
      TABLE[place] = lane;
      return lane;
    }
  }

  private Lane newLane(Thread thread) {
    int free = -1;
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).refersTo(thread)) {
        // It lost its place in the table to a lane that the thread has elsewhere.
        return lanes.get(i);
      }
      free = free < 0 && lanes.get(i).isFree() ? i : free;
    }
    if (free >= 0) {
      Lane lane = new Lane(this, thread, free + 1, lanes.get(free).blocks);
      lanes.set(free, lane);
      return lane;
    }
    if (lanes.size() < maxLanes) {
      Lane lane = new Lane(this, thread, lanes.size() + 1, new DoubleBuffer[4]);
      lanes.add(lane);
      return lane;
    }
    return new Lane(this, thread, WorkerFileLayout.SHARED_LANE, NO_BLOCKS);
  }

  /**
   * A slot for a thread: its own, if it has one here; or one that no live thread has; or else one
   * that it has for another incarnation.
   */
  private int placeFor(Thread thread, int slot) {
    int place = -1;
    int elsewhere = -1;
    for (int i = PROBES - 1; i >= 0; i--) {
      int candidate = (slot + i) & TABLE_MASK;
      Lane lane = TABLE[candidate];
      if (lane != null && lane.home == this && lane.refersTo(thread)) {
        return candidate;
      }
      if (lane == null || lane.isFree()) {
        place = candidate;
      } else if (lane.refersTo(thread)) {
        elsewhere = candidate;
      }
    }
    return place >= 0 ? place : elsewhere;
  }

  /** Makes room in the table; threads that go on share. */
  public void close() {
    closed = true;
    synchronized (TABLE) {
      for (int i = 0; i < TABLE_LENGTH; i++) {
        if (TABLE[i] != null && TABLE[i].home == this) {
          TABLE[i] = null;
        }
      }
    }
  }

  /** Gives a lane, which the calling thread owns, a block in a page. */
  synchronized void setBlock(Lane own, int page, DoubleBuffer block) {
    if (page >= own.blocks.length) {
      own.blocks = Arrays.copyOf(own.blocks, 2 * page);
    }
    own.blocks[page] = block;
  }

  /** How many lanes have ever had an owner. */
  synchronized int count() {
    return lanes.size();
  }

  /** The blocks that all lanes have in a page. */
  synchronized List<DoubleBuffer> blocksOf(int page) {
    List<DoubleBuffer> found = new ArrayList<>();
    for (Lane lane : lanes) {
      DoubleBuffer block = lane.block(page);
      if (block != null) {
        found.add(block);
      }
    }
    return found;
  }
}
