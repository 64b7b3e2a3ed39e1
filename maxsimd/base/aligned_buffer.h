// Heap memory aligned to 64 bytes (a cache line, an AVX-512 register), zeroed, for kernels.
// Moves only; not thread-safe while it is resized.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace maxsimd {

inline constexpr size_t kBufferAlignment = 64;

template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { resize(size); }

  /// New size; the old content is dropped and the memory is zeroed. Throws std::bad_alloc.
  void resize(size_t size) {
    data_.reset(static_cast<T*>(::operator new(size * sizeof(T), kAlignment)));
    size_ = size;
    if (size != 0) std::memset(static_cast<void*>(data_.get()), 0, size * sizeof(T));
  }

  /// Makes room for at least `size` elements; keeps what is there when it is large enough.
  void ensure(size_t size) {
    if (size > size_) resize(size);
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_.get()[i]; }
  const T& operator[](size_t i) const { return data_.get()[i]; }
  std::span<T> span() { return {data_.get(), size_}; }
  std::span<const T> span() const { return {data_.get(), size_}; }

 private:
  static constexpr std::align_val_t kAlignment{kBufferAlignment};
  struct Free {
    void operator()(T* p) const { ::operator delete(static_cast<void*>(p), kAlignment); }
  };
  std::unique_ptr<T, Free> data_;
  size_t size_ = 0;
};

}  // namespace maxsimd
