import FoundationEssentials
import Support
import Testing

@testable import Postgres

struct MachineMemoryTests {
    @Test(
        arguments: [
            (nil, 128), (0, 128), (512 << 20, 128), (600 << 20, 150), (2 << 30, 512), (4 << 30, 1024),
            (1 << 40, 1024),
        ] as [(Int?, Int)])
    func `a quarter is shared, within bounds`(bytes: Int?, megabytes: Int) {
        #expect(MachineMemory.sharedBufferMegabytes(of: bytes) == megabytes)
    }

    @Test func `limits of the group and of those around it count`() throws {
        let directory = try TemporaryDirectory()
        let root = "\(directory.path)/groups"
        try FileManager.default.createDirectory(
            atPath: "\(root)/outer/inner", withIntermediateDirectories: true)
        try "0::/outer/inner\n".write(toFile: "\(directory.path)/membership")
        #expect(MachineMemory.limits(of: "\(directory.path)/membership", below: root) == [])
        try "max\n".write(toFile: "\(root)/outer/inner/memory.max")
        try "1000\n".write(toFile: "\(root)/outer/memory.max")
        #expect(MachineMemory.limits(of: "\(directory.path)/membership", below: root) == [1000])
        #expect(MachineMemory.limits(of: "\(directory.path)/nothing", below: root) == [])
        #expect(try #require(MachineMemory.bytes) > 64 << 20)
    }
}

extension String {
    fileprivate func write(toFile path: String) throws {
        try Data(utf8).write(to: URL(filePath: path))
    }
}
