/**
 * Whole sentences of the engine in 简体中文: measured causes, notes with their figures, what a reader proposes. The English text is the
 * key, its `{slots}` stand for whatever the engine put there; what fills a slot is looked up here as well. A test reads every
 * sentence off the engine's source and demands it here, so that none is forgotten.
 */
export const zhSentences: Readonly<Record<string, string>> = {
  // Recipes and their steps.
  'The student of {step} has learnt nothing yet, and no later step trains it: its answers are guesses. Add distill/logits or train/fine-tune after it.':
    '{step} 的学生还什么都没学，之后也没有步骤训练它：它的回答只是猜测。请在其后加上 distill/logits 或 train/fine-tune。',
  'Pruning ranks the weights of all layers together, but folding the normalizations has changed the scale of each layer: whole layers may be emptied. Rank relative to each layer (adaptive), or do not fold.':
    '剪枝把所有层的权重放在一起排序，而折叠归一化改变了各层的尺度：整层都可能被清空。请改为相对各层排序（adaptive），或不折叠。',
  'Pruning ranks the weights of all layers together, and the layers differ so much in scale that at least one is emptied. Rank relative to each layer (adaptive), or per layer.':
    '剪枝把所有层的权重放在一起排序，而各层的尺度相差太大，至少有一层会被清空。请改为相对各层排序（adaptive），或每层单独排序。',
  '"{tensor}" was added, removed or merged into another by the recipe.': '配方添加、移除了“{tensor}”，或把它并入了别的张量。',
  '{step} changes, trains or watches single layers. A graph-model is a frozen TensorFlow graph that runs as a whole: only its weights can change.':
    '“{step}”改动、训练或观察单个层。graph-model 是冻结的 TensorFlow 图，只能整体运行：能改的只有权重。',
  '"where" must match at least one of the model\'s {n} layers.': '“仅限”至少要匹配模型 {n} 层中的一层。',
  'The steps run in another order than written, so that none undoes an earlier one: {order}.':
    '各步骤的执行顺序与所写的不同，以免后一步抵消前一步：{order}。',
  'Left out of {step} by "except".': '按“排除”的设置，{step} 没有作用于它。',
  'Step {number} ({step}): "{glob}" matches no layer.': '第 {number} 步（{step}）：“{glob}”没有匹配到任何层。',
  'Step {number} ({step}) has nothing to work on in this model.{why}': '第 {number} 步（{step}）在这个模型里无事可做。{why}',
  ' A TF.js graph-model has no layers to change; its converter has folded what it could.':
    'TF.js graph-model 没有可以改动的层；能折叠的已由转换器折叠。',
  'A tensor has one grid: {step} would undo what {earlier} made of "{tensor}".':
    '一个张量只有一个网格：{step} 会抵消 {earlier} 对“{tensor}”所做的处理。',
  'It takes no parameters.': '它没有参数。',
  'It takes {known}.': '它接受：{known}。',
  'A step of the recipe asks for it in "use".': '配方中有一步在 "use" 里写了它。',
  'There are none here.': '这里一个也没有。',
  'Known here: {names}.': '这里有：{names}。',
  '{n} of the {all} values of "{tensor}" are NaN or infinite; the first is at index {index}.':
    '“{tensor}”的 {all} 个值中有 {n} 个是 NaN 或无穷大，第一个位于 {index}。',

  // Techniques.
  'It stays as it is ({stored}), {before} bytes: stored so, with its entry in the manifest, it would take {after} bytes.':
    '保持原样（{stored}），{before} 字节：换成这种存储方式，连同清单中的条目要占 {after} 字节。',
  'It was not decomposed: {reason}.': '没有拆分：{reason}。',
  'It was not decomposed: at {ranks} its {before} weights would become {after}.':
    '没有拆分：取{ranks}时，它的 {before} 个权重会变成 {after} 个。',
  'It was not decomposed: at {ranks} it would take {n} multiply-accumulates more.': '没有拆分：取{ranks}时要多做 {n} 次乘加。',
  'It became two layers of {ranks}, which keep {share} % of its energy: {after} weights instead of {before}.':
    '已拆成两层，取{ranks}，保留其能量的 {share} %：{before} 个权重减为 {after} 个。',
  'rank {rank} of {all}': '秩 {rank}（共 {all}）',
  '{step}: the student has {after} parameters, the model before it {before}.':
    '{step}：学生有 {after} 个参数，之前的模型有 {before} 个。',
  'It has {n} channels, and {reason}.': '它有 {n} 个通道，而{reason}。',
  'they are joined with those of the input': '它们与输入的通道相连',
  'they are joined with those of the answer': '它们与回答的通道相连',
  'a softmax runs over them': '有一个 softmax 跨这些通道计算',
  'one of them is stretched over many others': '其中一个会扩展到许多别的通道上',
  'a later layer has a setting for each of them': '后面有一层对每个通道各有一项设置',
  'what a later layer does with them, or how many there are, is not known': '后面的层如何使用它们，或共有多少个，无从得知',
  'a later layer lays them out anew, across each other': '后面有一层会把它们重新交错排列',
  'they share scales': '它们共用缩放系数',
  'a normalization takes its mean over all of them': '有一个归一化对全部通道取平均',
  'It was not folded: {reason}.': '没有折叠：{reason}。',
  'It now contains the normalization "{name}".': '其中现已包含归一化“{name}”。',
  'it does not follow a Dense or convolution layer directly but {what}': '它并不直接跟在全连接层或卷积层之后，前面是 {what}',
  'the input': '输入',
  '"{layer}" before it has an activation ({activation})': '前面的“{layer}”带有激活函数（{activation}）',
  'the output of "{layer}" is also used elsewhere': '“{layer}”的输出还用在别处',
  'it does not normalize the channels of its input': '它不是对输入的通道做归一化',
  '"{layer}" shares its kernel with "{other}"': '“{layer}”与“{other}”共用一个卷积核',
  'the kernel of "{layer}" is stored as {encoding}, which folding would undo': '“{layer}”的核按 {encoding} 存储，折叠会破坏它',
  'its variance plus epsilon is not positive': '它的方差加 epsilon 不是正数',
  'it is not there': '这里没有它',
  '{step}: {n} layers were corrected from {samples} training samples for the channels that they no longer read.':
    '{step}：用 {samples} 个训练样本校正了 {n} 个不再读到这些通道的层。',
  '{step}: {why}; channels were ranked by the l2 norms of their weights.': '{step}：{why}，因此通道按权重的 l2 范数排序。',
  'no training data was there to measure {what} on': '没有训练数据可供测量{what}',
  'the loss': '损失',
  'the training data holds no right answers, and the model does not decide between classes':
    '训练数据没有正确答案，而模型也不做分类',
  'Its channels stay: they are those of "{held}" too, which the step leaves out.':
    '它的通道保持不变：它们也属于“{held}”，而这一步不处理那一层。',
  '{n} of its {all} channels were removed.': '移除了 {all} 个通道中的 {n} 个。',
  '{n} of its {all} channels were removed, and with them those of {others}.':
    '移除了 {all} 个通道中的 {n} 个，{others} 的通道也随之移除。',
  '{step}: {n} of {all} multiply-accumulates are left.': '{step}：{all} 次乘加剩下 {n} 次。',
  '{step}: no more than {reached} could be removed, where {wanted} were asked for: the other channels have to stay, or are capped.':
    '{step}：要求移除 {wanted}，最多只能移除 {reached}：其余的通道必须留下，或受上限限制。',
  'It was not pruned: it is stored as codes. Prune the model before it is quantized.':
    '没有剪枝：它以编码存储。请在量化之前剪枝。',
  'It was not pruned: the input axis of {shape} is shorter than a block of {pattern}.':
    '没有剪枝：{shape} 的输入轴比一个 {pattern} 块还短。',
  'It was not pruned: it is stored as codes without a level for zero. Prune the model before it is quantized.':
    '没有剪枝：它以没有零的编码存储。请在量化之前剪枝。',
  'It stays as it is: one symmetric bit is ±a without a zero, and its pruned weights must stay zero.':
    '保持原样：一位对称编码只有 ±a 而没有零，剪掉的权重必须保持为零。',
  'It has one scale for the whole tensor, not one per {per}: the weights of a TF.js graph-model can have no other.':
    '整个张量只有一个缩放系数，而不是按 {per} 各有一个：graph-model 的权重没有别的存法。',
  'It stays as it is: one bit of powers of two is ±2^e without a zero, and its pruned weights must stay zero.':
    '保持原样：一位的 2 的幂只有 ±2^e 而没有零，剪掉的权重必须保持为零。',
  'NF4 has 16 levels: 4 bits were used instead of {bits}.': 'NF4 有 16 个值：用了 4 位而不是 {bits} 位。',
  '{n} values beyond ±65504 were set to ±65504.': '{n} 个超出 ±65504 的值已设为 ±65504。',
  '{n} values below 3e-8 became zero.': '{n} 个小于 3e-8 的值变成了零。',
  '{step}: the ranges rest on {n} samples alone; {enough} and more are safer.':
    '{step}：量程只取自 {n} 个样本；{enough} 个以上才可靠。',
  '{step}: some of its values were NaN or infinite on the calibration samples; they were left out.':
    '{step}：校准样本上有些值是 NaN 或无穷大，已略去。',
  'It measures the ranges of activations on samples, and no data was given.': '它要在样本上测量激活值的范围，而没有给出数据。',

  // Searching and measuring.
  'None of the {n} layers has a kernel stored as plain numbers.': '{n} 层中没有一层的核以普通数值存储。',
  'The search was stopped before any candidate was measured.': '搜索在测量任何候选之前就停止了。',
  'The search was stopped after {n} candidates; what it found stays.': '搜索在试过 {n} 个候选之后停止；已找到的都保留。',
  'All {n} candidates of the budget were measured.': '预算内的 {n} 个候选都已测量。',
  'Every layer stands its smallest setting: there is nothing smaller to try.': '每一层都承受得住最小的设置：没有更小的可试了。',
  'The limit is {limit}: nothing else that was tried and fits in it loses less than {loss}.':
    '上限是 {limit}：试过且放得下的候选中，没有比损失 {loss} 更好的。',
  'The limit is {limit}: the smallest within it has {size}.': '界限是 {limit}：其中最小的为 {size}。',
  'The limit is {limit}: the smallest within it has {size}; everything smaller that was tried lost {loss} or more.':
    '界限是 {limit}：其中最小的为 {size}；试过的更小的候选都损失了 {loss}或更多。',
  'No candidate stays within {limit}; the best lost {loss}.': '没有候选能保持在 {limit} 之内；最好的损失了 {loss}。',
  'No candidate is as small as {limit}; the smallest has {size}.': '没有候选小到 {limit}；最小的为 {size}。',
  '{n} point': '{n} 个百分点',
  '{n} points': '{n} 个百分点',
  'On the {n} samples that a search never sees: {figure}.': '在搜索从未见过的 {n} 个样本上：{figure}。',
  '{share} % right ({interval} %)': '正确率 {share} %（{interval} %）',
  '{share} % right': '正确率 {share} %',
  '{value} mean absolute error ({interval})': '平均绝对误差 {value}（{interval}）',
  '{value} mean absolute error': '平均绝对误差 {value}',
  'The tensor "{name}" is not found again.': '张量“{name}”找不到了。',
  'The tensor "{name}" is read back with other values.': '张量“{name}”读回的数值不同。',
  'The tensor "{name}" is read back with other values or codes.': '张量“{name}”读回的数值或编码不同。',
  'The file "{path}" is missing.': '缺少文件“{path}”。',
  'Stock TF.js refuses the file: {reason}': '原版 TF.js 拒绝这个文件：{reason}',
  'It gives another number of outputs.': '它给出的输出个数不同。',
  'Its outputs differ by {error}, relative to the largest.': '它的输出相差 {error}（相对于最大的输出）。',
  'Re-opened {by}: {what}.': '{by}重新打开：{what}。',
  'in stock TF.js': '已用原版 TF.js ',
  'by our own reader': '已用本站自己的读取程序',
  'same {n} of {all}, {outputs}': '同样答对 {n} / {all}，{outputs}',
  '{n} of {all} right against {before} here, {outputs}': '答对 {n} / {all}，这里是 {before}，{outputs}',
  'outputs identical': '输出完全相同',
  'outputs equal within {error}': '输出在 {error} 之内相同',
  'outputs differ by up to {error}': '输出最多相差 {error}',
  'outputs identical on {n} synthetic samples': '在 {n} 个合成样本上输出完全相同',
  'outputs equal within {error} on {n} synthetic samples': '在 {n} 个合成样本上输出在 {error} 之内相同',
  'outputs differ by up to {error} on {n} synthetic samples': '在 {n} 个合成样本上输出最多相差 {error}',
  'outputs identical on {n} samples': '在 {n} 个样本上输出完全相同',
  'outputs equal within {error} on {n} samples': '在 {n} 个样本上输出在 {error} 之内相同',
  'outputs differ by up to {error} on {n} samples': '在 {n} 个样本上输出最多相差 {error}',
  'Not opened again, so that nothing but the interpreter you run it in can tell whether it is right. {reason}':
    '没有重新打开，因此只有运行它的解释器才能说明它是否正确。{reason}',
  'Estimated for hardware that computes at the stored widths; TF.js itself computes in float32, so fewer bits save no energy there.':
    '按以存储位宽计算的硬件估算；TF.js 本身以 float32 计算，位数再少也不省能耗。',
  'No data was given: both models saw synthetic inputs, so nothing is said about accuracy.':
    '没有数据：两个模型看到的是合成输入，因此不谈准确率。',
  'The model has {outputs} outputs; number {n} is measured.': '模型有 {outputs} 个输出，测量的是第 {n} 个。',
  '{n} of {all} samples had an output that is not finite and were left out.':
    '{all} 个样本中有 {n} 个的输出不是有限数值，已略去。',
  'All targets are the same, so R² is not defined.': '所有目标值都相同，R² 没有定义。',
  'The {model} gave an output that is not finite for {n} of {all} samples; they count as wrong.':
    '{model}对 {all} 个样本中的 {n} 个给出的输出不是有限数值，按答错计。',
  original: '原模型',
  result: '压缩后的模型',
  '{n} pairs of runs are too few for an interval; six are the least.': '{n} 对运行不足以给出区间；至少要六对。',
  'No difference that matters: it lies {range}, within {limit}.': '没有值得在意的差别：差值{range}，在{limit}之内。',
  'The result is faster: the difference lies {range}.': '压缩后更快：差值{range}。',
  'The result is slower: the difference lies {range}.': '压缩后更慢：差值{range}。',
  'Not resolved: the difference lies {range}; a verdict needs it on one side of 0 or within {limit}.':
    '尚无定论：差值{range}；须全在 0 的一侧，或在{limit}之内。',
  'between {low} and {high} (95 %, {n} pairs of runs)': '介于 {low} 与 {high} 之间（95 %，{n} 对运行）',
  '± {margin}, {share} % of the original': ' ± {margin}（原模型的 {share} %）',
  'TF.js expands every weight to float32 when it loads a model, so that it computes the same at the same speed: quantization shrinks the file, not the time.':
    'TF.js 加载模型时会把权重展开为 float32，计算方式与速度都不变：量化缩小的是文件，不是耗时。',
  'TF.js multiplies by zeros as by any other number, so that the time stays the same: pruning single weights shrinks the compressed file, not the time.':
    'TF.js 乘以零与乘以别的数一样，耗时不变：剪掉单个权重缩小的是压缩后的文件，不是耗时。',
  'Too small to matter: the whole interval lies within ±{margin} ({range}).':
    '差异太小，无关紧要：整个区间都在 ±{margin} 之内（{range}）。',
  'No measurable loss: the whole interval lies within ±{margin} ({range}).':
    '没有可测的损失：整个区间都在 ±{margin} 之内（{range}）。',
  'Not resolved: {range}. So many samples resolve about ±{half}; ±{margin} would take about {n}.':
    '尚无定论：{range}。这么多样本约能分辨 ±{half}；要分辨 ±{margin} 约需 {n} 个。',
  'Better: {range}.': '更好：{range}。',
  'Worse: {range}.': '更差：{range}。',
  "{text} Improvement of the mean absolute error, in the target's unit.": '{text}此为平均绝对误差的改善，以目标值的单位计。',

  // Training.
  'It has {n} inputs; data fills one.': '它有 {n} 个输入，数据只能填一个。',
  'Its output is its input.': '它的输出就是它的输入。',
  'Its last layer "{layer}" ends in {word}; no loss is known for that.': '最后一层“{layer}”以 {word} 结束，没有与之对应的损失。',
  'The softmax "{layer}" is not along the last axis.': 'softmax“{layer}”不是沿最后一个轴。',
  '"{layer}" has no statistics.': '“{layer}”没有统计量。',
  '"{layer}" normalizes axis {axis}, not the last.': '“{layer}”归一化的是轴 {axis}，而不是最后一个轴。',
  'Its outputs are probabilities, and the data holds values outside of 0 to 1.': '它的输出是概率，而数据里有 0 到 1 之外的值。',
  'The model and its teacher have no layers that could be compared.': '模型与教师没有可以相互比较的层。',
  'Attention is compared between layers whose maps have the same height and width; no two have.':
    '注意力要在特征图高宽相同的层之间比较，而这里没有这样的两层。',
  'Between input and answer no layer of one has maps of the same size as a layer of the other.':
    '从输入到回答之间，双方没有特征图大小相同的层。',
  'The layers "{name}" and "{other}" can not be compared.': '“{name}”与“{other}”两层无法相互比较。',
  'One gives {n} numbers, the other {m}.': '一个给出 {n} 个数，另一个给出 {m} 个。',
  'Attention needs maps with several places.': '注意力需要不止一个位置的特征图。',
  'The {side} has no layer "{name}" that leads to its answer.': '{side}没有通向回答的层“{name}”。',
  teacher: '教师',
  student: '学生',
  'Its layers are {names}.': '它的层有：{names}。',
  'It learns from samples, and no training data was given.': '它要从样本中学习，而没有给出训练数据。',
  'The training data holds neither labels nor values to predict.': '训练数据既没有标签，也没有要预测的值。',
  'TF.js has no gradient for the dilated convolution "{name}".': 'TF.js 没有空洞卷积“{name}”的梯度。',
  'The backend "{backend}" has no gradient for one of its layers ({reason}).': '后端“{backend}”没有其中一层的梯度（{reason}）。',
  'Its teacher ends in {one}, the model itself in {other}: their answers can not be compared.':
    '教师以 {one} 结束，模型本身以 {other} 结束：两者的回答无法比较。',
  'Its teacher takes {n} numbers, the model {m}.': '教师接受 {n} 个数，模型接受 {m} 个。',
  'Its teacher gives {n} numbers, the model {m}.': '教师给出 {n} 个数，模型给出 {m} 个。',
  '{step}: Only pictures are augmented; these samples were taken as they are.':
    '{step}：只有图片会做数据增强；这些样本保持原样。',
  'Only pictures are augmented; these samples were taken as they are.': '只有图片会做数据增强；这些样本保持原样。',
  'Inputs that choose rows of a table can not be mixed; these samples were taken as they are.':
    '选取表中各行的输入不能混合；这些样本保持原样。',
  'No epoch did better on the validation samples than the weights from before: they were kept.':
    '没有哪一轮在验证样本上胜过之前的权重：保留了之前的权重。',
  'The weights from before were kept.': '保留了之前的权重。',
  'The weights after epoch {best} were kept.': '保留了第 {best} 轮之后的权重。',
  '{step}: The loss was no number in epoch {epoch}: the learning rate {rate} is too large. {kept}':
    '{step}：第 {epoch} 轮的损失不再是数：学习率 {rate} 太大。{kept}',
  '{step}: Stopped after epoch {epoch}, which brought nothing new. {kept}': '{step}：第 {epoch} 轮没有带来改进，就此停止。{kept}',
  '{step}: Ended in epoch {epoch} as asked. {kept}': '{step}：按要求在第 {epoch} 轮结束。{kept}',
  '{step}: No epoch did better on the validation samples than the weights from before: they were kept.':
    '{step}：没有哪一轮在验证样本上胜过之前的权重：保留了之前的权重。',
  '{n} of the {all} samples {used}, since no training data was given; all figures are from the other {rest}.':
    '没有另给训练数据：{all} 个样本中有 {n} 个{used}；所有数字都来自其余 {rest} 个。',
  'were trained on': '用于训练',
  'were for calibration': '用于校准',
  'The model takes {n} inputs; a data file fills one.': '模型有 {n} 个输入，一份数据只能填一个。',
  'It takes {n} inputs; data fills one.': '它有 {n} 个输入，数据只能填一个。',

  'The layer "{layer}" runs a {kind} on every step, whose training is only known for the layer itself.':
    '“{layer}”层在每一步上运行一个 {kind}，而只有单独的这种层才能训练。',
  'Who is imitated is "{name}", with {n} parameters, not the model itself.': '所模仿的是“{name}”（{n} 个参数），而不是模型本身。',

  'TF.js has no right gradient for the average pooling "{name}", whose windows reach beyond the volume.':
    'TF.js 对平均池化“{name}”没有正确的梯度：它的窗口超出了体积。',
  'Checked after {step}: {found}.': '{step} 之后已核对：{found}。',
  '{share} % of the weights of pruned tensors are exactly zero; {n} tensors stored as codes have at most {most} values each':
    '剪枝张量的权重有 {share} % 恰好为零；{n} 个以编码存储的张量各至多有 {most} 个值',
  '{share} % of the weights of pruned tensors are exactly zero': '剪枝张量的权重有 {share} % 恰好为零',
  '{n} tensors stored as codes have at most {most} values each': '{n} 个以编码存储的张量各至多有 {most} 个值',

  // Running.
  'The model takes inputs of any size: work, memory, energy and time are those of {shape}.':
    '模型接受任意大小的输入：计算量、内存、能耗和时间都按 {shape} 计。',
  'All sizes of this model are fixed.': '这个模型的各个大小都是固定的。',
  'It leaves {n} sizes open, and {m} were given.': '它有 {n} 个大小未定，却给出了 {m} 个。',
  'Sizes are whole numbers from 1 to {most}, not {given}.': '大小须为 1 到 {most} 的整数，而不是 {given}。',
  'One sample of {shape} does not fit into a page.': '一个 {shape} 的样本就装不进页面。',
  'The fastest that was measured is {n} times as fast.': '测得最快的是 {n} 倍。',
  'What groups of channels lose, or how fast a model is without them, settles a step "prune/channels".':
    '各组通道的损失，或去掉它们之后模型有多快，决定的是 "prune/channels" 这一步。',
  'Its operator {code} takes floats in this file, or has no integer arithmetic here.':
    '它的算子 {code} 在这个文件里使用浮点数，或在这里没有整数运算。',
  'This browser or device does not offer it.': '这个浏览器或设备不提供它。',
  'It says: {reason}': '它报告：{reason}',
  'The browser took it back, or its driver failed; what was in its memory is gone.':
    '浏览器收回了它，或驱动程序出错；其内存中的内容已丢失。',
  'The model takes {shape}, and was to run on {other}.': '模型接受 {shape}，要运行的却是 {other}。',
  'The model has an Embedding of {rows} rows, numbered from 0 to {last}; the data holds {wrong}.':
    '模型有一个 {rows} 行的 Embedding，编号从 0 到 {last}；数据里却有 {wrong}。',
  'It gave {n} numbers for {samples} samples: its size depends on what it sees, or its first dimension is not the batch.':
    '它对 {samples} 个样本给出 {n} 个数：其大小取决于输入，或第一维不是批。',
  'A TF.js graph-model runs as a whole, on the executor of TF.js; only what comes out of it is told.':
    'TF.js graph-model 由 TF.js 的执行器整体运行；只能得知它的输出。',
  'The processor imitates a GPU here, which is slower than using it directly.': '这里由处理器模拟 GPU，比直接使用处理器还慢。',
  'Two batches took longer than {n} ms.': '两批用时超过 {n} 毫秒。',
  '{n} samples of {shape} are {expected} numbers, but {given} were given.':
    '{n} 个 {shape} 的样本共 {expected} 个数，给出的却是 {given} 个。',
  '{n} MiB would be needed at once; the browser gives a tab at most 4096, and this device less.':
    '一次需要 {n} MiB；浏览器最多给一个标签页 4096 MiB，这台设备更少。',
  'It needs WebAssembly with vectors and shared memory.': '它需要带向量指令和共享内存的 WebAssembly。',
  'Convolution gradients take NHWC, not {format}.': '卷积的梯度只接受 NHWC，不接受 {format}。',
  'Convolution gradients take no dilation ({dilations}).': '卷积的梯度不接受空洞（{dilations}）。',
  'Its worker ended without a reason; the browser may have run out of memory.': '它的后台线程无故结束；可能是浏览器内存不足。',
  'It opened no file.': '它没有打开任何文件。',
  'Its device went away.': '它的设备不见了。',
  '"{file}" holds {n} names, the model tells {classes} classes apart: the names are not used.':
    '“{file}”里有 {n} 个名称，而模型区分 {classes} 类：没有使用这些名称。',
  'The {what} was closed, or the engine was started again without it.': '它已被关闭，或引擎重新启动时没有带上它。',
  'A reload keeps what the last four runs trained, up to 64 MiB each.':
    '重新加载后，保留最近四次运行训练出的内容，每次最多 64 MiB。',
  'There is no such format.': '没有这种格式。',
  'It only reads this format.': '它只读取这种格式。',
  'Nothing was saved as .tflite since the engine started.': '引擎启动之后还没有保存过 .tflite。',

  // Archives and data.
  'It has no end-of-directory record, so it was probably cut off.': '没有目录结束记录，多半是不完整。',
  'It is a Zip64 archive: more than 65,534 files or 4 GB.': '这是 Zip64 压缩包：超过 65,534 个文件或 4 GB。',
  'Its directory breaks off at entry {n} of {all}.': '目录在第 {n} 项（共 {all} 项）处中断。',
  'Entry {n} of its directory runs past the end.': '目录的第 {n} 项超出了文件末尾。',
  'Entry "{path}" is absolute or climbs out of its folder.': '条目“{path}”是绝对路径，或跳出了它的文件夹。',
  'Entry "{path}" needs a password.': '条目“{path}”需要密码。',
  'Entry "{path}" claims {n} bytes from {packed}.': '条目“{path}”声称由 {packed} 字节解压出 {n} 字节。',
  'Entry "{path}" is not where its directory says.': '条目“{path}”不在目录所说的位置。',
  'Entry "{path}" runs past the end of the file.': '条目“{path}”超出了文件末尾。',
  'Entry "{path}" has {n} bytes where {stated} are stated.': '条目“{path}”有 {n} 字节，标明的却是 {stated}。',
  'The checksum of entry "{path}" does not match its content.': '条目“{path}”的校验和与内容不符。',
  'Entry "{path}" has method {method}; stored (0) and deflate (8) are read.':
    '条目“{path}”的压缩方法是 {method}；只能读取存储（0）和 deflate（8）。',
  'Entry "{path}" can not hold the {n} bytes it states.': '条目“{path}”装不下它标明的 {n} 字节。',
  'Entry "{path}" can not be inflated: {reason}.': '条目“{path}”无法解压：{reason}。',
  '"{of}" has {n} samples, "{name}" has {m} labels.': '“{of}”有 {n} 个样本，“{name}”有 {m} 个标签。',
  'The data "{name}" has classes 0 to {last} ({n} classes); the model has {outputs} and tells {m} apart.':
    '数据“{name}”的类别为 0 到 {last}（共 {n} 类）；模型有 {outputs}，能区分 {m} 类。',
  '{n} output': '{n} 个输出',
  '{n} outputs': '{n} 个输出',
  'The data "{name}" has {n} values per sample; the model has {m} outputs.':
    '数据“{name}”每个样本有 {n} 个值；模型有 {m} 个输出。',
  'The order of the classes was found from the answers themselves: it uses the labels, so accuracy flatters the model.':
    '类别的顺序是由回答本身推断的：它用到了标签，准确率会因此偏高。',
  'Classes were put in the model’s order: {some}.': '已把类别换成模型的顺序：{some}。',
  'It holds no samples.': '里面没有样本。',
  'Sample {n} has {value} at position {at}.': '第 {n} 个样本在位置 {at} 的值是 {value}。',
  'It holds {n} names; the model tells {classes} classes apart.': '里面有 {n} 个名称；模型区分 {classes} 类。',
  '{names}: not among {n} names.': '{names}：不在 {n} 个名称之中。',
  'Its columns are {columns}.': '它的列有：{columns}。',
  'It has {n} bytes; up to {most} are read.': '它有 {n} 字节；最多读取 {most} 字节。',
  'Line {line}: {reason}.': '第 {line} 行：{reason}。',
  'Line {line} has {n} cells where the first has {width}.': '第 {line} 行有 {n} 格，第一行有 {width} 格。',
  '{names} can not be read as one.': '{names} 无法当作一个来读。',
  'Column "{column}", line {line}: {cell}.': '“{column}”列第 {line} 行：{cell}。',
  'the cell is empty': '单元格是空的',
  'Its columns are {columns}, and the label is one of them.': '它的列有：{columns}，标签是其中之一。',
  'A sample is {shape}; the model takes {other}.': '一个样本是 {shape}；模型接受 {other}。',
  'The data "{name}" has {n} classes; the model tells {m} apart.': '数据“{name}”有 {n} 类；模型区分 {m} 类。',
  'It can not be unpacked: {reason}.': '无法解压：{reason}。',
  '{n} bytes had already become more than {limit}.': '{n} 字节已经解压出超过 {limit}。',
  'It does not begin as an IDX file does.': '开头不是 IDX 文件的样子。',
  'Its header is cut off.': '文件头不完整。',
  'Its header says {shape} values, {needed} bytes; {n} bytes follow.':
    '文件头说有 {shape} 个值，{needed} 字节；其后却有 {n} 字节。',
  '"{name}" holds {n} labels and no samples.': '“{name}”里有 {n} 个标签，没有样本。',
  'No file was given.': '没有给出文件。',
  'Looked at {n} file(s), "{path}" first.': '看过 {n} 个文件，第一个是“{path}”。',
  'It holds an empty name.': '里面有一个空名称。',
  '"{name}" stands for outputs {n} and {m}.': '“{name}”同时对应输出 {n} 和 {m}。',
  'It is not JSON: {reason}.': '它不是 JSON：{reason}。',
  'It is neither a list of names nor a map between names and the numbers from 0 on.':
    '它既不是名称列表，也不是名称与从 0 开始的编号的对照。',
  'It does not begin as a .npy file does.': '开头不是 .npy 文件的样子。',
  'Its header of {n} bytes is cut off.': '{n} 字节的文件头不完整。',
  'Its header names no type, order or shape.': '文件头没有写明类型、顺序或形状。',
  'Shape ({shape}) of {type} needs {n} bytes; {m} follow the header.':
    '形状（{shape}）的 {type} 需要 {n} 字节；文件头之后有 {m} 字节。',
  '"⟦1⟧" names "⟦2⟧". Nothing of it was run.': '“⟦1⟧”中提到“⟦2⟧”。其中的内容一概没有运行。',
  'It is an object array, stored as a Python pickle, which is never run here.':
    '它是对象数组，以 Python pickle 存储，在这里绝不会运行。',
  'Its type is {type}.': '它的类型是 {type}。',
  'It holds {names}.': '里面有 {names}。',
  'no arrays': '没有数组',
  'It is damaged or of an unusual kind: {reason}.': '它已损坏，或种类少见：{reason}。',
  '{names} all list pictures.': '{names} 都列出了图片。',
  'Line {line}, "{file}": the label is empty.': '第 {line} 行，“{file}”：标签是空的。',
  '"{path}" is "{label}" in one line and "{other}" in another.': '“{path}”在一行里是“{label}”，在另一行里是“{other}”。',
  '{n} of {all} are not among the files, "{first}" first.': '{all} 张中有 {n} 张不在这些文件里，第一张是“{first}”。',
  '"{name}" names {n} pictures that are not here; the classes are those of the folders.':
    '“{name}”列出了 {n} 张这里没有的图片；类别取自文件夹。',
  '"{name}" names {all} pictures, of which {n} are here: all figures are of these.':
    '“{name}”列出了 {all} 张图片，其中 {n} 张在这里：所有数字都只来自这些。',
  '{n} pictures that "{name}" does not name were left out.': '略去了“{name}”没有列出的 {n} 张图片。',
  '"{path}" lies beside the folders {names}.': '“{path}”与这些文件夹并列：{names}。',
  '"{kind}" is defined for three colours; the model takes {shape}.': '“{kind}”是为三种颜色定义的；模型接受 {shape}。',
  'Its input is ({shape}).': '它的输入是（{shape}）。',

  // Model files.
  'Save the model again with Keras (model.save("model.keras")) or download the file again, then open that.':
    '请用 Keras 重新保存模型（model.save("model.keras")），或重新下载文件后再打开。',
  'Left out the state of the optimizer. {n} bytes.': '略去了优化器的状态（{n} 字节）。',
  'Nothing was given, or every file is empty (0 bytes).': '没有给出文件，或每个文件都是空的（0 字节）。',
  '"{path}" has {n} bytes; at most {limit} bytes (2 GB) fit into the memory of a page. It was not read.':
    '“{path}”有 {n} 字节；页面内存最多容纳 {limit} 字节（2 GB）。没有读取它。',
  '{paths}: the content (first bytes {head}) is neither Keras .keras, Keras .h5, TF.js model.json nor TFLite.':
    '{paths}：内容（开头字节 {head}）既不是 Keras 的 .keras 或 .h5，也不是 TF.js 的 model.json 或 TFLite。',
  'Found {n} models: {paths}.': '找到 {n} 个模型：{paths}。',
  '"{path}" has {have} bytes, but its header says {need}.': '“{path}”有 {have} 字节，文件头却说有 {need}。',
  '"{path}" has {stored} bytes and says that it unpacks to {expanded} bytes. Nothing was unpacked.':
    '“{path}”有 {stored} 字节，声称解压后有 {expanded} 字节。没有解压。',
  '"{path}" holds {entries}, but neither a model.json nor a .keras or .h5 file.':
    '“{path}”里有 {entries}，但既没有 model.json，也没有 .keras 或 .h5 文件。',
  'no files': '没有文件',
  'model.json names {paths}, which are not among the files given ({given}).':
    'model.json 提到了 {paths}，给出的文件里却没有（{given}）。',
  'model.json names {path}, which is not among the files given ({given}).':
    'model.json 提到了 {path}，给出的文件里却没有（{given}）。',
  '{paths}: {have} bytes given, {need} bytes needed.': '{paths}：给出 {have} 字节，需要 {need} 字节。',
  '"{path}" has no model topology (it was saved with save_weights, or its modelTopology is null).':
    '“{path}”没有模型结构（由 save_weights 保存，或 modelTopology 为 null）。',
  '"{path}" is a topology only (model.to_json()).': '“{path}”只有结构（model.to_json()）。',
  'TF.js knows no operator of this name, so that no page could run the graph.':
    'TF.js 没有这个名称的算子，任何网页都无法运行这个图。',
  'It is control flow, a list or a table: what runs depends on values, and weights are read from within loops.':
    '它是控制流、列表或查找表：运行什么取决于数值，权重在循环内部读取。',
  'It draws other numbers with each run, so that nothing could be compared.': '它每次运行都抽取不同的数，什么都无法比较。',
  'The file holds a frozen TensorFlow graph: which layers it was made of is not said, and other formats are written from layers.':
    '文件里是冻结的 TensorFlow 图：没有写明由哪些层构成，而其他格式要由层写出。',
  'This model is made of layers, and no frozen TensorFlow graph came with it.':
    '这个模型由层构成，没有附带冻结的 TensorFlow 图。',
  'Layer "{layer}" is called with the argument {argument}, which changes what it computes.':
    '调用“{layer}”层时带有参数 {argument}，它会改变计算结果。',
  '"{path}" holds the subclassed model "{name}": how its layers are joined stands only in its Python code.':
    '“{path}”里是自定义类的模型“{name}”：各层如何相连只写在它的 Python 代码里。',
  'Layer "{layer}" has the dtype policy "{policy}", whose arithmetic is not that of its float layer.':
    '“{layer}”层的数据类型策略是“{policy}”，其运算与浮点层不同。',
  'Input "{layer}" has the type {dtype}.': '输入“{layer}”的类型是 {dtype}。',
  'The Sequential model "{model}" does not say the shape of its input.': 'Sequential 模型“{model}”没有写明输入的形状。',
  'In "{model}" these layers form a circle: {layers}.': '“{model}”中这些层构成了环：{layers}。',
  'Layer "{layer}" needs {roles}; the file has {found}.': '“{layer}”层需要 {roles}；文件里有 {found}。',
  'nothing for it': '的却没有一项属于它',
  '"{layer}", {role}: the file has [{have}], the layer needs [{need}].':
    '“{layer}”的 {role}：文件里是 [{have}]，这一层需要 [{need}]。',
  '"{name}" is stored as {dtype}.': '“{name}”以 {dtype} 存储。',
  '{n} bytes.': '{n} 字节。',
  'Layers: {layers}.': '层：{layers}。',
  'a pickle can run any program when it is opened, so it is not opened, for safety':
    '打开 pickle 时可能运行任意程序，为安全起见不打开',
  'it holds only the address of the real file (git-lfs.github.com/spec)': '里面只有真正文件的地址（git-lfs.github.com/spec）',
  'it starts with HTML: most likely a sign-in or error page that was saved under the name of the model':
    '开头是 HTML：多半是以模型的名字保存下来的登录页或错误页',
  'it holds weights, but not how the layers are joined': '里面有权重，但没有层的连接方式',
  'it is recognised, but a TensorFlow graph (.pb) no longer says which layers it was made of':
    '能认出它，但 TensorFlow 图（.pb）已不再写明由哪些层构成',
  'it is recognised, but reading ONNX is not part of the studio': '能认出它，但本站不读取 ONNX',
  'it holds the bare numbers; what they are stands in model.json': '里面只有数值本身；它们是什么写在 model.json 里',
  'only .zip archives are unpacked here': '这里只解压 .zip',
  '"{path}": {reason}.': '“{path}”：{reason}。',
  'Open the Keras model it was made from (.keras or .h5), or build the net in Keras, copy the weights over and save that.':
    '请打开生成它的 Keras 模型（.keras 或 .h5），或在 Keras 中搭出网络、复制权重后保存。',
  'The layer "{layer}" uses the value "{value}" before any layer makes it.': '“{layer}”层用到了“{value}”，而那时还没有层产生它。',
  'Layers must form a graph without cycles, each after the layers it depends on.':
    '各层必须构成无环的图，每层都在它所依赖的层之后。',
  'The output of the layer "{layer}" is too large for any device.': '“{layer}”层的输出太大，任何设备都装不下。',
  '{shape} is {n} elements; 2^31 is the most.': '{shape} 共 {n} 个元素；最多 2^31 个。',
  'The layer "{layer}" ({kind}) has no {role}.': '“{layer}”层（{kind}）没有 {role}。',
  'A {role} of {shape} is missing.': '缺少 {shape} 的 {role}。',
  'The {role} of the layer "{layer}" ({kind}) has the wrong shape.': '“{layer}”层（{kind}）的 {role} 形状不对。',
  'The layer needs {shape}, the file holds {other} with {n} values.': '这一层需要 {shape}，文件里却是 {other}，共 {n} 个值。',
  'Two layers have the same name.': '有两层同名。',
  'Both are called "{name}".': '它们都叫“{name}”。',
  'The layer "{layer}" makes a value that exists already.': '“{layer}”层产生的值已经存在。',
  'The value is "{value}".': '这个值是“{value}”。',
  'An output of the model is made by no layer.': '模型有一个输出不由任何层产生。',
  'The output is "{value}".': '这个输出是“{value}”。',

  // Saving.
  'TF.js computes with float32 activations: their grids are left out, so that the file answers as the model did before they were calibrated.':
    'TF.js 以 float32 计算激活值：文件不含激活网格，其回答与校准之前的模型相同。',
  'The grid per {sharers} of this {role} can not be said in a TF.js manifest; its weights are written as float32, four bytes each.':
    'TF.js 的清单无法表达这个 {role} 按 {sharers} 划分的网格；权重按 float32 写出，每个四字节。',
  'TF.js has no palettes: the palette is snapped to {grid}, which {cost}.': 'TF.js 没有码本：码本被对齐到{grid}，{cost}。',
  'TF.js has one scale per tensor: the grid per {sharers} is written as {grid}, which {cost}.':
    'TF.js 每个张量只有一个缩放系数：按 {sharers} 划分的网格写成{grid}，{cost}。',
  'Nothing in the model makes the value "{value}" that a later layer needs.': '后面的层需要“{value}”，而模型里没有层产生它。',
  'It can not be saved for TF.js: {reason}.': '无法保存为 TF.js 格式：{reason}。',
  'Open the file in Keras 2: Keras 3 has no such {kind}, or computes something else by its name.':
    '请用 Keras 2 打开这个文件：Keras 3 没有这样的 {kind}，或同名的层计算方式不同。',
  'Open the file in Keras 2: Keras 3 has no such {kind}, computes something else by its name, or does not read its inputs.':
    '请用 Keras 2 打开这个文件：Keras 3 没有这样的 {kind}、同名的层计算方式不同，或读不到它的输入。',
  'An LSTM is one operator that keeps a state: interpreters of TensorFlow Lite and microcontrollers run it, LiteRT and LiteRT.js refuse the file.':
    'LSTM 写成一个保留状态的算子：TensorFlow Lite 的解释器和微控制器能运行，LiteRT 和 LiteRT.js 会拒绝这个文件。',
  'Keras stores no codes: {n} tensors are written as the float32 numbers that their codes stand for, so that the weights take {bytes} bytes instead of {packed}. Nothing is rounded.':
    'Keras 不存储编码：{n} 个张量写成编码所代表的 float32 数值，权重因此占 {bytes} 字节而不是 {packed} 字节。没有任何舍入。',
  'Keras computes with float32 activations: their grids are left out, so that the file answers as the model did before they were calibrated.':
    'Keras 以 float32 计算激活值：文件不含激活网格，其回答与校准之前的模型相同。',
  'It can not be saved for Keras: Keras {version} has no {kind} that computes the same.':
    '无法保存为 Keras 格式：Keras {version} 没有计算结果相同的 {kind}。',
  '{text} The same holds for {n} more: {layers}.': '{text}另有 {n} 层也是如此：{layers}。',
  'The activations of this model have no grids: nobody has measured their ranges.':
    '这个模型的激活值没有网格：还没有测量过它们的范围。',
  'Its weights ({stored}) are written as float32: the same values, but not fewer bytes.':
    '它的权重（{stored}）按 float32 写出：数值不变，但字节不会更少。',
  'The recipe measured ranges for {n} bits.': '配方测得的范围是 {n} 位的。',
  'Its weights ({stored}) are rounded to float16.': '它的权重（{stored}）舍入为 float16。',
  'Its weights ({stored}) are rounded to int8.': '它的权重（{stored}）舍入为 int8。',
  'Its {bits}-bit codes are kept exactly, but each takes a byte.': '它的 {bits} 位编码原样保留，但每个占一个字节。',
  'Its {bits}-bit codes are kept exactly, but each takes a byte, unless two are packed into one.':
    '它的 {bits} 位编码原样保留，但每个占一个字节，除非两个合装在一个字节里。',
  'It computes with floats, since TFLite has no integer operator for it or its values have no grids: slow where there is no floating-point unit.':
    '它以浮点计算，因为 TFLite 没有它的整数算子，或它的值没有网格：没有浮点单元的设备上会很慢。',
  'What flows into layers with int8 weights is rounded to 8 bits while the file runs: its answers differ a little from the ones here.':
    '流入 int8 权重层的数值在运行时舍入为 8 位：回答与这里略有不同。',
  'Some codes stand two to a byte: LiteRT opens the file, older TensorFlow Lite interpreters refuse it.':
    '部分编码两个占一个字节：LiteRT 能打开，较早的 TensorFlow Lite 解释器会拒绝。',
  'Pruned weights are stored as zeros: the file gets smaller only where it is zipped.':
    '剪掉的权重按零存储：只有压缩打包之后文件才会变小。',
  'Inputs and outputs of {io} were asked for, which only a file of the kind int8 has.':
    '要求输入和输出为 {io}，只有 int8 类型的文件才有。',
  'It can not be written: {reason}.': '无法写出：{reason}。',
  'Choose another kind of file.': '请换一种文件类型。',
  'Calibrate the model, or let inputs and outputs be float32.': '请校准模型，或让输入和输出保持 float32。',
  'Replace it in Keras by another activation and open the model again.': '请在 Keras 中换用别的激活函数，再打开模型。',
  'Train the normalization further, or remove it in Keras, and open the model again.':
    '请在 Keras 中继续训练这个归一化或把它去掉，再打开模型。',
  'Save in another format, or replace the layer in Keras.': '请换一种格式，或在 Keras 中替换这一层。',
  'Give the input of the model a fixed size in Keras, or open data: its samples fix the size.':
    '请在 Keras 中给模型的输入一个固定大小，或打开数据：样本会确定大小。',
  'Shorten its sequences in Keras, or save for TF.js.': '请在 Keras 中缩短序列，或保存为 TF.js。',
  'its values have no grid': '它的值没有网格',
  'some of its weights lie beyond ±{most}, the largest float16': '有些权重超出 ±{most}，即最大的 float16',
  'TFLite has no activation "{name}"': 'TFLite 没有激活函数“{name}”',
  'no TFLite operator computes a {kind}': '没有哪个 TFLite 算子能计算 {kind}',
  'its size is only known at run time: ({shape})': '它的大小到运行时才知道：（{shape}）',
  'it has {n} steps, and each becomes operators of its own; {most} are the most':
    '它有 {n} 步，每步都要写成各自的算子；最多 {most} 步',
};
