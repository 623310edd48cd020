package io.github.multiprom.store;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which thread writes which lane of one incarnation. Thread-safe.
 *
 * <p>A lane belongs to one thread at a time. When that thread has ended, the next thread without a
 * lane takes it over as it is: its cells only ever add up, so nothing needs to be reset.
 */
final class Lanes {
  /** What a thread finds as its blocks that shares lane 0 for the time being. */
  private static final ByteBuffer[] SHARES = {};

  /** So often do threads that share go by before one of them looks for a lane again. */
  private static final int SHARES_BETWEEN_CLAIMS = 4096;

  /* The blocks of the calling thread's lane by page, null where it has none yet. Only types of the
   * JDK, so that a thread that outlives an application's class loader does not keep it. */
  @SuppressWarnings("ThreadLocalUsage") // One for each incarnation; a JVM opens few.
  private final ThreadLocal<ByteBuffer[]> own = new ThreadLocal<>();

  private final int maxLanes;
  // Index 0 stands for lane 1: lane 0 has no owner.
  private final List<Lane> lanes = new ArrayList<>();
  // Racy: it only has to change now and then.
  private int shares;

  Lanes(int maxLanes) {
    this.maxLanes = maxLanes;
  }

  private static final class Lane {
    // Weak: a lane must not keep an ended thread, nor what that refers to. A live one is reachable.
    private WeakReference<Thread> owner;
    private ByteBuffer[] blocks = new ByteBuffer[4];

    Lane(Thread owner) {
      this.owner = new WeakReference<>(owner);
    }
  }

  /**
   * The calling thread's block of a page; null if it has none, or none yet.
   *
   * <p>The hot path of every increment.
   */
  ByteBuffer ownBlock(int page) {
    ByteBuffer[] blocks = own.get();
    return blocks != null && page < blocks.length ? blocks[page] : null;
  }

  /** Whether the calling thread writes to the shared lane, without asking for one of its own. */
  boolean mustShare() {
    return own.get() == SHARES
        ? ++shares % SHARES_BETWEEN_CLAIMS != 0
        : VirtualThreads.isVirtual(Thread.currentThread());
  }

  /** Makes the calling thread share for a while, whether or not it owns a lane. */
  void share() {
    own.set(SHARES);
  }

  /**
   * The number of the calling thread's lane, which it is given if it has none; {@link
   * WorkerFileLayout#SHARED_LANE} if all are taken.
   */
  synchronized int claim() {
    Thread thread = Thread.currentThread();
    int ended = -1;
    for (int i = 0; i < lanes.size(); i++) {
      Thread owner = lanes.get(i).owner.get();
      if (owner == thread) {
        // Pools may erase thread locals.
        own.set(lanes.get(i).blocks);
        return i + 1;
      }
      // isAlive() returning false happens after everything that the thread did.
      if (ended < 0 && (owner == null || !owner.isAlive())) {
        ended = i;
      }
    }
    if (ended >= 0) {
      Lane lane = lanes.get(ended);
      lane.owner = new WeakReference<>(thread);
      own.set(lane.blocks);
      return ended + 1;
    }
    if (lanes.size() < maxLanes) {
      Lane lane = new Lane(thread);
      lanes.add(lane);
      own.set(lane.blocks);
      return lanes.size();
    }
    own.set(SHARES);
    return WorkerFileLayout.SHARED_LANE;
  }

  /** The block of a lane in a page; null if it has none. */
  synchronized ByteBuffer block(int lane, int page) {
    ByteBuffer[] blocks = lanes.get(lane - 1).blocks;
    return page < blocks.length ? blocks[page] : null;
  }

  /** Gives the calling thread, which owns the lane, a block in a page. */
  synchronized void setBlock(int lane, int page, ByteBuffer block) {
    Lane owned = lanes.get(lane - 1);
    if (page >= owned.blocks.length) {
      owned.blocks = Arrays.copyOf(owned.blocks, 2 * page);
    }
    owned.blocks[page] = block;
    own.set(owned.blocks);
  }

  /** How many lanes have ever had an owner. */
  synchronized int count() {
    return lanes.size();
  }

  /** The blocks that all lanes have in a page. */
  synchronized List<ByteBuffer> blocksOf(int page) {
    List<ByteBuffer> found = new ArrayList<>();
    for (Lane lane : lanes) {
      if (page < lane.blocks.length && lane.blocks[page] != null) {
        found.add(lane.blocks[page]);
      }
    }
    return found;
  }
}
