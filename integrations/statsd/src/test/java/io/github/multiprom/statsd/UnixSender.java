package io.github.multiprom.statsd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** Sends to a unix datagram socket. */
final class UnixSender {
  private UnixSender() {}

  static void send(Path socket, String... datagrams) throws IOException {
    try (AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open()) {
      channel.connect(AFUNIXSocketAddress.of(socket));
      for (String datagram : datagrams) {
        channel.write(ByteBuffer.wrap(datagram.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }
}
