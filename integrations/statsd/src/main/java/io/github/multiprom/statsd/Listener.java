package io.github.multiprom.statsd;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Reads the datagrams of a socket in a thread of its own. Thread-safe. */
final class Listener implements AutoCloseable {
  /** More than a datagram of UDP can have. */
  private static final int UDP_BUFFER_BYTES = 1 << 16;

  /** As long as unix datagrams are by default at most. */
  private static final int OTHER_BUFFER_BYTES = 1 << 18;

  private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long MAX_CLOSE_MS = 2_000;

  private final DatagramChannel channel;
  private final String name;
  private final DatagramReader reader;
  private final BridgeMetrics metrics;
  private final int bufferBytes;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A listener, which {@link #start} starts.
   *
   * @param channel a bound channel, which is closed with it
   */
  Listener(DatagramChannel channel, DatagramReader reader, BridgeMetrics metrics)
      throws IOException {
    this.channel = channel;
    this.reader = reader;
    this.metrics = metrics;
    InetSocketAddress address = address();
    name = address == null ? path(channel) : host(address.getAddress()) + ":" + address.getPort();
    bufferBytes = address == null ? OTHER_BUFFER_BYTES : UDP_BUFFER_BYTES;
    thread = OwnThreads.make(this::run, "multiprom-statsd " + name);
    thread.setDaemon(true);
  }

  private static String host(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.getHostAddress();
    }
    return address.isAnyLocalAddress() ? "[::]" : "[" + address.getHostAddress() + "]";
  }

  /** The path of a unix socket, whose address says more than that. */
  private static String path(DatagramChannel channel) throws IOException {
    String address = String.valueOf(channel.getLocalAddress());
    int path = address.indexOf("path=");
    return path < 0 ? address : address.substring(path + 5).replaceAll("[\\];].*", "");
  }

  /** Where it listens; null if not at an address of the internet protocols. */
  InetSocketAddress address() {
    try {
      SocketAddress address = channel.getLocalAddress();
      // Those of unix sockets have no address.
      return address instanceof InetSocketAddress internet && internet.getAddress() != null
          ? internet
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  void start() {
    thread.start();
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bufferBytes);
    byte[] bytes = new byte[bufferBytes];
    while (!closed) {
      try {
        buffer.clear();
        channel.receive(buffer);
        int length = buffer.flip().remaining();
        buffer.get(bytes, 0, length);
        reader.read(bytes, length, length == bufferBytes);
      } catch (ClosedChannelException e) {
        break;
      } catch (IOException e) {
        if (!closed) {
          StoreLog.errorOnce(
              "statsd-socket " + name + e, "The statsd socket " + name + " cannot be read: " + e);
          LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
        }
      } catch (RuntimeException | Error e) {
        // Whatever a sender wrote, the next datagram is read.
        noteMistake(e);
      }
    }
    if (!closed) {
      StoreLog.errorOnce("statsd-closed " + name, "The statsd socket " + name + " was closed");
    }
  }

  private void noteMistake(Throwable e) {
    try {
      metrics.refuse(Refusal.INTERNAL);
      StoreLog.errorOnce("statsd-mistake " + e, "A datagram could not be counted: " + e);
    } catch (RuntimeException | Error again) {
      // No heap: there is nowhere to tell it.
    }
  }

  /** Tells what the kernel dropped. */
  void report() {
    InetSocketAddress address = address();
    long dropped = address == null ? KernelDrops.UNKNOWN : KernelDrops.at(address);
    if (dropped != KernelDrops.UNKNOWN) {
      metrics.kernelDropped(name, dropped);
    }
  }

  /** Counts the datagram in hand, and reads no other one. */
  @Override
  public void close() {
    closed = true;
    try {
      channel.close();
      thread.join(MAX_CLOSE_MS);
    } catch (IOException e) {
      StoreLog.warnOnce("statsd-close " + name, "The statsd socket " + name + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
