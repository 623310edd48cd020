package io.github.multiprom.internal.os;

import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Makes incarnations: the random names of everything that is written. */
public final class Incarnations {
  private Incarnations() {}

  public static Incarnation newId() {
    ByteBuffer bits = ByteBuffer.wrap(randomBytes());
    return new Incarnation(bits.getLong(), bits.getLong());
  }

  /**
   * A new incarnation of a worker of a process, created now.
   *
   * @param name empty for the process id
   */
  public static WorkerInfo newWorker(String name, int maxSeries, ProcessIdentity process) {
    return new WorkerInfo(
        newId(),
        name.isEmpty() ? Long.toString(process.pid()) : name,
        process.host(),
        process.pid(),
        process.startTicks(),
        process.pidNamespace(),
        process.bootId(),
        EpochClock.nowNanos(),
        maxSeries);
  }

  /** From the kernel itself where that can be: the JDK's way takes ten times as long to start. */
  private static byte[] randomBytes() {
    byte[] random = new byte[2 * Long.BYTES];
    try (InputStream source = new FileInputStream("/dev/urandom")) {
      if (source.readNBytes(random, 0, random.length) == random.length) {
        return random;
      }
    } catch (IOException e) {
      // No such device.
    }
    new SecureRandom().nextBytes(random);
    return random;
  }
}
